"""What a few tables' rankings can honestly show: orders, agreement, consensus, tiers, weights."""
