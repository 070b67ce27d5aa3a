"""All that the HTML reports of both modes share: frame, style, charts, axes, formats."""
