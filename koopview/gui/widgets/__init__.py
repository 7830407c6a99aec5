"""Small pieces that several panels are built of."""
