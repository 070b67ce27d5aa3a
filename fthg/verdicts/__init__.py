"""The judgement of figures, in both modes."""
