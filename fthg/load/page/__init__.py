"""The HTML report of a load run: its parts, each made from the final snapshot."""
