"""The outpatient doctor's desk 门诊医生: queue, chart, allergies, diagnoses, records, prescriptions."""
