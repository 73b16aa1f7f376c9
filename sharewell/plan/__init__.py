"""The typed form that every stage speaks: columns, expressions, forms, steps, findings."""
