"""People weigh privacy and benefit: a day is designed, held, recorded, told, and changes agreements."""
