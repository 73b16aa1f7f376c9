"""Roads after a beginning (a diagnosis, a release): outcome groups, paths through care, and durations.

`roads` reads and checks the people and their events, `paths` makes sequences of them, `durations` says how
long it takes; `groups_report` and `curves_report` make tables of that, `groups_story` and `curves_story`
sentences of the tables that passed the gate. The statistics are plain functions on arrays, so that a
simulation can call them hundreds of times.
"""
