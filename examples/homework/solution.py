"""The instructor's solution."""

import numpy as np


def forward(weights, biases, X, sigma):
    """Return Z⁰ … Zᴸ and A⁰ … Aᴸ, where both of layer 0 are X, and the last layer is linear."""
    Z, A = [X], [X]
    for W, b in zip(weights, biases, strict=True):
        Z.append(A[-1] @ W.T + b)
        A.append(sigma(Z[-1]))
    A[-1] = Z[-1]
    return Z, A


def backward(weights, Z, A, dZ, slope):
    """Return ∂C/∂W and ∂C/∂b of all layers, as two lists, from dZ = ∂C/∂Zᴸ."""
    L = len(weights)
    dW, db = [None] * L, [None] * L
    for l in range(L, 0, -1):
        dW[l - 1] = dZ.T @ A[l - 1]
        db[l - 1] = dZ.sum(axis=0)
        if l > 1:
            dA = dZ @ weights[l - 1]
            dZ = dA * slope(Z[l - 1])
    return dW, db


def tanh_slope(z):
    """Return the derivative of tanh."""
    return 1 - np.tanh(z) ** 2


def squared_error(weights, biases, X, Y):
    """Tasks 1 to 3: tanh, and the mean squared error."""
    n, n_outputs = Y.shape
    Z, A = forward(weights, biases, X, np.tanh)
    dZ = 2 * (A[-1] - Y) / (n_outputs * n)
    return backward(weights, Z, A, dZ, tanh_slope)


def relu(z):
    """Return z where it is positive, else 0."""
    return np.maximum(z, 0)


def relu_slope(z):
    """Return the derivative of ReLU."""
    return np.where(z > 0, 1.0, 0.0)


def squared_error_relu(weights, biases, X, Y):
    """Task 4: ReLU, and the mean squared error."""
    n, n_outputs = Y.shape
    Z, A = forward(weights, biases, X, relu)
    dZ = 2 * (A[-1] - Y) / (n_outputs * n)
    return backward(weights, Z, A, dZ, relu_slope)


def softmax(z):
    """Return the probabilities of the classes, a row for each sample."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def classes(weights, biases, X, Y):
    """Task 5: tanh, softmax and cross-entropy."""
    Z, A = forward(weights, biases, X, np.tanh)
    p = softmax(A[-1])
    dZ = (p - Y) / len(X)
    return backward(weights, Z, A, dZ, tanh_slope)
