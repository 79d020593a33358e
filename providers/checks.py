"""System checks of the gateways."""
