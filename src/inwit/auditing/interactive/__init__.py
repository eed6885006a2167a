"""The audit of interactive environments: play whole episodes in the child, compare their records.

`playing` runs in the child. The probes run in the parent: `seeds` (the same seed is the same
episode, nothing is left of the last one, training and validation overlap), `policies` (what random
and constant play earn, beside the oracle), `acts` (actions that are none, the same, or after the
end), `tools` (wrong calls, calls without end), `conduct` (rewards, ends, faults).
"""
