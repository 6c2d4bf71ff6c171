"""One question, answered whole: points run, tables, pictures, verdicts, provenance.

A study ties a question of `experiments` to the `campaign` that runs it and the
`report` that draws it. The command line, flow files and notebooks all run
studies.
"""
