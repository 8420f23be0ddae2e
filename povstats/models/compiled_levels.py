"""The elimination of the lowest groups, compiled: the same sums as recursion.lift where no level lies below."""

import math

import numpy as np
from numba import njit

from povstats.models.compiled import eliminate_group


@njit(cache=True)
def values(full, weight, path, root, parent, S):
    """Add R'R − U'U of the groups to their parents' S, shape (parents, r, r), in place; give Σ log|I + Λ'WΛ|."""
    q, c = root.shape[0], full.shape[1]
    r = c - q
    left, chol, U = np.empty((q, c)), np.zeros((q, q)), np.empty((q, c))
    logs = 0.0
    for g in range(full.shape[0]):
        logs += path[g] * eliminate_group(full[g], root, left, chol, U)
        own = S[parent[g]]
        for i in range(r):
            for j in range(i, r):
                own[i, j] += weight[g] * full[g, q + i, q + j]
        for k in range(q):
            for i in range(r):
                scaled = weight[g] * U[k, q + i]
                for j in range(i, r):
                    own[i, j] -= scaled * U[k, q + j]
    _mirror(S)
    return logs


@njit(cache=True)
def _mirror(matrices):
    """Copy upper triangles to lower ones."""
    for g in range(matrices.shape[0]):
        for i in range(matrices.shape[1]):
            for j in range(i):
                matrices[g, i, j] = matrices[g, j, i]


@njit(cache=True)
def _times(D, Y, out):
    for i in range(D.shape[0]):
        for j in range(Y.shape[1]):
            total = 0.0
            for k in range(D.shape[1]):
                total += D[i, k] * Y[k, j]
            out[i, j] = total


@njit(cache=True)
def _add_outer(left, right, scale, out):
    """Add scale·(left'right + right'left) / 2 to the upper triangle of `out`."""
    for k in range(left.shape[0]):
        for i in range(left.shape[1]):
            one, other = 0.5 * scale * left[k, i], 0.5 * scale * right[k, i]
            for j in range(i, left.shape[1]):
                out[i, j] += one * right[k, j] + other * left[k, j]


@njit(cache=True)
def _trace(A, B):
    total = 0.0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            total += A[i, j] * B[j, i]
    return total


@njit(cache=True)
def derivatives(full, counted, root, parent, dT, d2T, bent, groups):
    """Give dS, d²S by parent and the logarithms' derivatives; `counted` is (weight, path), d²T counts if `bent`."""
    weight, path = counted
    q, c, k = root.shape[0], full.shape[1], dT.shape[0]
    r = c - q
    left, chol, U, Z = np.empty((q, c)), np.zeros((q, q)), np.empty((q, c)), np.empty((q, c))
    DY, ODY, DO, bend = np.empty((k, q, r)), np.empty((k, q, r)), np.empty((k, q, q)), np.empty((q, r))
    dS, d2S = np.zeros((k, groups, r, r)), np.zeros((k, k, groups, r, r))
    dlogs, d2logs = np.zeros(k), np.zeros((k, k))
    for g in range(full.shape[0]):
        if math.isnan(eliminate_group(full[g], root, left, chol, U)):
            break  # the caller has met the same where it asked for the value
        for i in range(q):
            for j in range(c):
                Z[i, j] = full[g, i, j]
                for s in range(q):
                    Z[i, j] -= U[s, i] * U[s, j]
        omega, Y, at, w = Z[:, :q], Z[:, q:], parent[g], weight[g]
        for a in range(k):
            _times(dT[a], Y, DY[a])
            _times(omega, DY[a], ODY[a])
            _times(dT[a], omega, DO[a])
            _add_outer(Y, DY[a], -w, dS[a, at])
            dlogs[a] += path[g] * np.trace(DO[a])
        for a in range(k):
            for b in range(a, k):
                _add_outer(DY[b], ODY[a], 2.0 * w, d2S[a, b, at])
                d2logs[a, b] -= path[g] * _trace(DO[a], DO[b])
                if bent and np.any(d2T[a, b]):
                    _times(d2T[a, b], Y, bend)
                    _add_outer(Y, bend, -w, d2S[a, b, at])
                    d2logs[a, b] += path[g] * _trace(omega, d2T[a, b])
    for a in range(k):
        _mirror(dS[a])
        for b in range(a, k):
            _mirror(d2S[a, b])
            d2S[b, a], d2logs[b, a] = d2S[a, b], d2logs[a, b]
    return dS, d2S, dlogs, d2logs
