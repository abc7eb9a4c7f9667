"""The treatment room 治疗室 of a clinic: skin tests that drugs need before the pharmacy gives them out."""
