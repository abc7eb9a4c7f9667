"""Turns exercises and journals into reports. Pure: no clock, no files, no randomness, no locale, no network.

grade(exercise bytes, journal, final state, hints, accommodations) -> Report; same inputs, same bytes.
"""
