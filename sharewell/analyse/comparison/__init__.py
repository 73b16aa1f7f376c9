"""Two arms compared: scored, matched, weighed, told. Behind matched-cohort and matched-comparison."""
