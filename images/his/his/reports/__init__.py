"""Statistics 统计 of the outpatient chain, for heads, medical records and finance. Never per doctor and drug."""
