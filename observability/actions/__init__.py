"""What people decide about money: one mutation each, with its permission check."""
