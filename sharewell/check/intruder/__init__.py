"""The motivated intruder, played: what somebody with this much knowledge learns from a release."""
