"""What a referee would object to: one check a trap, with evidence, remedy and source."""
