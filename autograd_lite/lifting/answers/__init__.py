"""What else a lifted function answers: values alone, derivatives along directions, Jacobians, Hessians."""
