"""The treatment room 治疗室 of a clinic: skin tests before drugs are given out, and what is charged for treatments."""
