"""The elimination of the lowest groups, compiled: the same sums as recursion.lift where no level lies below.

Derivatives are products of long matrices, one set a parent: the groups of a parent are stacked first.
"""

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
            out[i, j] = 0.0
        for k in range(D.shape[1]):
            for j in range(Y.shape[1]):
                out[i, j] += D[i, k] * Y[k, j]


@njit(cache=True)
def _trace(A, B):
    total = 0.0
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            total += A[i, j] * B[j, i]
    return total


@njit(cache=True)
def _family(full, counted, root, members, dT, d2T, bent, stacks):
    """Stack Y, D_aY, ΩD_aY and d²T_abY of one parent's groups; add to the derivatives of the logarithms."""
    weight, path = counted
    Y, DY, ODY, bends, dlogs, d2logs = stacks
    q, c, k = root.shape[0], full.shape[1], dT.shape[0]
    left, chol, U = np.empty((q, c)), np.zeros((q, q)), np.empty((q, c))
    omega, own, DO = np.empty((q, q)), np.empty((q, c - q)), np.empty((k, q, q))
    for place in range(len(members)):
        g, rows = members[place], slice(place * q, (place + 1) * q)
        eliminate_group(full[g], root, left, chol, U)
        omega[:] = full[g, :, :q][:q]
        own[:] = full[g, :, q:][:q]
        for i in range(q):
            for s in range(q):
                for j in range(q):
                    omega[i, j] -= U[s, i] * U[s, j]
                for j in range(c - q):
                    own[i, j] -= U[s, i] * U[s, q + j]
        Y[rows] = weight[g] * own
        for a in range(k):
            _times(dT[a], own, DY[a, rows])
            _times(omega, DY[a, rows], ODY[a, rows])
            ODY[a, rows] *= weight[g]
            _times(dT[a], omega, DO[a])
            dlogs[a] += path[g] * np.trace(DO[a])
        for a in range(k):
            for b in range(a, k):
                d2logs[a, b] -= path[g] * _trace(DO[a], DO[b])
                if bent and np.any(d2T[a, b]):
                    _times(d2T[a, b], own, bends[a, b, rows])
                    d2logs[a, b] += path[g] * _trace(omega, d2T[a, b])


@njit(cache=True)
def derivatives(full, counted, root, parent, dT, d2T, bent, groups):
    """Give dS, d²S by parent and the logarithms' derivatives; `counted` is (weight, path), d²T counts if `bent`."""
    q, k = root.shape[0], dT.shape[0]
    r = full.shape[1] - q
    order, sizes = np.argsort(parent, kind="mergesort"), np.bincount(parent, minlength=groups)
    most = q * sizes.max()
    Y, DY, ODY = np.empty((most, r)), np.empty((k, most, r)), np.empty((k, most, r))
    bends = np.zeros((k, k, most, r)) if bent else np.zeros((1, 1, 1, r))
    dS, d2S = np.zeros((k, groups, r, r)), np.zeros((k, k, groups, r, r))
    dlogs, d2logs, start = np.zeros(k), np.zeros((k, k)), 0
    for at in range(groups):
        members, height = order[start : start + sizes[at]], q * sizes[at]
        start += sizes[at]
        _family(full, counted, root, members, dT, d2T, bent, (Y, DY, ODY, bends, dlogs, d2logs))
        mine = Y[:height].T
        for a in range(k):
            dS[a, at] = -np.dot(mine, DY[a, :height])
            for b in range(a, k):
                one = np.dot(DY[b, :height].T, ODY[a, :height])
                d2S[a, b, at] = one + one.T
                if bent and np.any(d2T[a, b]):
                    d2S[a, b, at] -= np.dot(mine, bends[a, b, :height])
    for a in range(k):
        for b in range(a + 1, k):
            d2S[b, a], d2logs[b, a] = d2S[a, b], d2logs[a, b]
    return dS, d2S, dlogs, d2logs
