"""Background work of the app: doorbells only."""
