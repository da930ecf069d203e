"""How scenes are drawn: persons, their faces and muscles, the scenery, the film."""
