"""Money that leaves a group: asked for, agreed on, held, sent."""
