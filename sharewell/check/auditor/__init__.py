"""The independent program that checks again what the gate promised; it shares no code with the gate."""
