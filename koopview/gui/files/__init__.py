"""Open, save, export and recover files, with their dialogs and questions."""
