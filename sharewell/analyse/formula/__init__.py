"""A formula that shares out money by need: workload, weights, components, and what to say of them."""
