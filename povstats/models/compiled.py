"""The two-level criterion and its search, compiled: the same numbers as recursion.py, likelihood.py and newton.py.

One pass over the groups gives S and log|V|, a second one all sums that the derivatives need. With pairs (i, j), i ≤ j,
of random effects and, by group, Ω = Z'V⁻¹Z, Y = Z'V⁻¹[X y], M = Y_x C Y_x' and m = Yv, v = (−β, 1), these are ΣY_i'Y_j,
ΣΩ, ΣM, Σmm', ΣΩ⊗Ω, ΣΩ⊗M and ΣΩ⊗mm'; the directions of T come in afterwards, once for all groups.
"""

import math

import numpy as np
from numba import njit

from povstats.models import newton

step = njit(cache=True)(newton.step)


@njit(cache=True)
def eliminate_group(F, root, left, chol, U):
    """Fill U = L⁻¹Λ'[W Z'R] of one group, with LL' = I + Λ'WΛ; give log|LL'|, or nan where it is not definite."""
    q, c = U.shape
    for i in range(q):
        left[i] = 0.0
        for k in range(q):
            for j in range(c):
                left[i, j] += root[k, i] * F[k, j]
    logs = 0.0
    for j in range(q):
        for i in range(j, q):
            total = 1.0 if i == j else 0.0
            for k in range(q):
                total += left[i, k] * root[k, j]
            for k in range(j):
                total -= chol[i, k] * chol[j, k]
            if i > j:
                chol[i, j] = total / chol[j, j]
            elif total > 0.0:
                chol[j, j] = math.sqrt(total)
                logs += 2.0 * math.log(chol[j, j])
            else:
                return math.nan
    for i in range(q):
        for k in range(i):
            for j in range(c):
                left[i, j] -= chol[i, k] * U[k, j]
        for j in range(c):
            U[i, j] = left[i, j] / chol[i, i]
    return logs


@njit(cache=True)
def _value_sums(full, weight, total, root):
    """Give S = [X y]'V⁻¹[X y], log|V| and the U of every group, which the derivatives use again."""
    q, c = root.shape[0], full.shape[1]
    r = c - q
    left, chol, kept = np.empty((q, c)), np.zeros((q, q)), np.empty((full.shape[0], q, c))
    S, logs = total.copy(), 0.0
    for g in range(full.shape[0]):
        U = kept[g]
        own = eliminate_group(full[g], root, left, chol, U)
        logs += weight[g] * own
        for k in range(q):
            for i in range(r):
                scaled = weight[g] * U[k, q + i]
                for j in range(i, r):
                    S[i, j] -= scaled * U[k, q + j]
    for i in range(r):
        for j in range(i):
            S[i, j] = S[j, i]
    return S, logs, kept


@njit(cache=True)
def _conclude(S, logs, kept, size, reml):
    """Profile β and σ² out: (finite, value, C, v, rss, m, U)."""
    p = S.shape[0] - 1
    R, C, v = np.zeros((p, p)), np.zeros((p, p)), np.empty(p + 1)
    v[p] = 1.0
    m = size - p if reml else size
    for j in range(p):
        for i in range(j, p):
            total = S[i, j]
            for k in range(j):
                total -= R[i, k] * R[j, k]
            if i > j:
                R[i, j] = total / R[j, j]
            elif total > 0.0:
                R[j, j] = math.sqrt(total)
            else:
                return False, math.inf, C, v, 0.0, m, kept
    inverse = np.zeros((p, p))
    for j in range(p):
        inverse[j, j] = 1.0 / R[j, j]
        for i in range(j + 1, p):
            total = 0.0
            for k in range(j, i):
                total -= R[i, k] * inverse[k, j]
            inverse[i, j] = total / R[i, i]
        if reml:
            logs += 2.0 * math.log(R[j, j])
    C = inverse.T @ inverse
    half = inverse @ np.ascontiguousarray(S[:p, p])
    v[:p] = -(inverse.T @ half)
    rss = S[p, p] - half @ half
    if not (rss > 0.0 and math.isfinite(logs)):
        return False, math.inf, C, v, 0.0, m, kept
    return True, logs + m * (1.0 + math.log(2.0 * math.pi * rss / m)), C, v, rss, m, kept


@njit(cache=True)
def _projected(full, kept):
    """Give Y, shape (q, G, r), and Ω by pair, shape (G, pairs), of every group from its U."""
    groups, q, c = kept.shape
    Y, omega = np.empty((q, groups, c - q)), np.empty((groups, q * (q + 1) // 2))
    for g in range(groups):
        F, U, a = full[g], kept[g], 0
        for i in range(q):
            own = Y[i, g]
            for j in range(c - q):
                own[j] = F[i, q + j]
            for k in range(q):
                for j in range(c - q):
                    own[j] -= U[k, i] * U[k, q + j]
            for j in range(i, q):
                omega[g, a] = F[i, j]
                for k in range(q):
                    omega[g, a] -= U[k, i] * U[k, j]
                a += 1
    return Y, omega


@njit(cache=True)
def _slope_sums(full, weight, kept, C, v):
    """Give the sums over groups that the derivatives need; pairs are numbered by place[i, j]."""
    groups, q, c = kept.shape
    r, pairs = c - q, q * (q + 1) // 2
    Y, omega = _projected(full, kept)
    padded = np.zeros((r, r))
    padded[: r - 1, : r - 1] = C
    YC, m, first, a = np.empty((q, groups, r)), np.empty((q, groups)), np.empty((pairs, r, r)), 0
    for i in range(q):
        YC[i], m[i] = np.dot(Y[i], padded), np.dot(Y[i], v)
        scaled = (Y[i] * weight.reshape(groups, 1)).T
        for j in range(i, q):
            one = np.dot(scaled, Y[j])
            first[a] = 0.5 * (one + one.T)
            a += 1
    single, double, flat = np.zeros((3, pairs)), np.zeros((3, pairs, pairs)), np.empty((3, pairs))
    for g in range(groups):
        w, a = weight[g], 0
        for i in range(q):
            for j in range(i, q):
                total = 0.0
                for k in range(r):
                    total += YC[i, g, k] * Y[j, g, k]
                flat[0, a], flat[1, a], flat[2, a] = omega[g, a], total, m[i, g] * m[j, g]
                a += 1
        for kind in range(3):
            for a in range(pairs):
                single[kind, a] += w * flat[kind, a]
                for b in range(pairs):
                    double[kind, a, b] += w * flat[0, a] * flat[kind, b]
    return first, single, double


@njit(cache=True)
def _directions(root, rows, columns):
    """Give dT = e_r λ_c' + λ_c e_r' for each free entry."""
    q, k = root.shape[0], len(rows)
    D = np.zeros((k, q, q))
    for a in range(k):
        for i in range(q):
            D[a, rows[a], i] += root[i, columns[a]]
            D[a, i, rows[a]] += root[i, columns[a]]
    return D


@njit(cache=True)
def _contract(D, place, double):
    """Give Σ tr(D_a Ω D_b K) for the K that `double` was summed with."""
    k, q = D.shape[0], D.shape[1]
    out = np.zeros((k, k))
    for a in range(k):
        for b in range(k):
            total = 0.0
            for i in range(q):
                for j in range(q):
                    if D[a, i, j] != 0.0:
                        for s in range(q):
                            for t in range(q):
                                total += D[a, i, j] * D[b, s, t] * double[place[j, s], place[t, i]]
            out[a, b] = total
    return out


@njit(cache=True)
def _places(q):
    place, at = np.zeros((q, q), dtype=np.int64), 0
    for i in range(q):
        for j in range(i, q):
            place[i, j] = place[j, i] = at
            at += 1
    return place


@njit(cache=True)
def parts(data, root, at):
    """Give the derivatives of log|V| [+ log|X'V⁻¹X|] and of RSS in the free entries of Λ, and C·dS by entry."""
    full, weight, _, _, reml, rows, columns = data
    _, _, C, v, _, _, kept = at
    q, p, k = root.shape[0], C.shape[0], len(rows)
    first, single, double = _slope_sums(full, weight, kept, C, v)
    D, place = _directions(root, rows, columns), _places(q)
    logs, rss1, u = np.zeros(k), np.zeros(k), np.zeros((k, p))
    CB = np.zeros((k, p, p))
    for a in range(k):
        dS = np.zeros_like(first[0])
        for i in range(q):
            for j in range(q):
                dS -= D[a, i, j] * first[place[i, j]]
                logs[a] += D[a, i, j] * single[0, place[i, j]]
        Sv = dS @ v
        rss1[a], u[a] = Sv @ v, Sv[:p]
        CB[a] = C @ np.ascontiguousarray(dS[:p, :p])
    log2 = -_contract(D, place, double[0])
    rss2 = 2.0 * _contract(D, place, double[2]) - 2.0 * (u @ C) @ u.T
    if reml:
        log2 += 2.0 * _contract(D, place, double[1])
    for a in range(k):
        if reml:
            logs[a] += np.trace(CB[a])
        for b in range(k):
            if reml:
                log2[a, b] -= np.sum(CB[a] * CB[b].T)
            if columns[a] == columns[b]:
                pair = place[rows[a], rows[b]]
                log2[a, b] += 2.0 * (single[0, pair] - (single[1, pair] if reml else 0.0))
                rss2[a, b] -= 2.0 * single[2, pair]
    return logs, log2, rss1, rss2, CB


@njit(cache=True)
def root_of(data, theta):
    """Put θ into Λ."""
    full, _, total, _, _, rows, columns = data
    q = full.shape[1] - total.shape[0]
    root = np.zeros((q, q))
    for a in range(len(rows)):
        root[rows[a], columns[a]] = theta[a]
    return root


@njit(cache=True)
def evaluate(data, theta):
    """Give (finite, value, C, v, rss, m, U) at θ."""
    full, weight, total, size, reml, _, _ = data
    S, logs, kept = _value_sums(full, weight, total, root_of(data, theta))
    return _conclude(S, logs, kept, size, reml)


@njit(cache=True)
def derive(data, theta, at):
    """Give gradient and Hessian at θ, from what evaluate() gave there."""
    logs, log2, rss1, rss2, _ = parts(data, root_of(data, theta), at)
    rss, m = at[4], at[5]
    ratio = rss1 / rss
    hessian = log2 + m * (rss2 / rss - np.outer(ratio, ratio))
    return logs + m * ratio, 0.5 * (hessian + hessian.T)


@njit(cache=True)
def search(data, start, close):
    """Minimise from `start`, as newton.minimise does: (θ, value, gradient, Hessian, converged, evaluations, path).

    The search ends where a step promises less than `close` of the value: 1e-13 is all that there is; what it promises
    then is taken without another look.
    """
    theta, radius, evaluations, converged = start.copy(), 1.0, 1, False
    now = evaluate(data, theta)
    path, steps, value = np.empty(newton.STEPS + 1), 1, now[1]
    gradient, hessian = derive(data, theta, now)
    path[0] = value
    for _ in range(newton.STEPS):
        move, promised = step(gradient, hessian, radius)
        noise, length = 1e-13 * (1.0 + abs(value)), math.sqrt(np.sum(move * move))
        if close > 1e-13 and promised <= close * (1.0 + abs(value)) and length <= 1e-3 * (1.0 + np.max(np.abs(theta))):
            theta, value, converged = theta + move, value - promised, True
            break
        if promised <= noise and length <= math.sqrt(newton.SMALL_STEP) * (1.0 + math.sqrt(np.sum(theta * theta))):
            theta, converged = theta + move, True
            break
        trial = evaluate(data, theta + move)
        evaluations += 1
        actual = value - trial[1] if trial[0] else -math.inf
        if trial[0] and actual >= -noise and promised < 1e3 * noise:
            next_gradient, next_hessian = derive(data, theta + move, trial)
            if not np.sum(next_gradient**2) < np.sum(gradient**2):
                converged = True
                break
            theta, value, gradient, hessian = theta + move, trial[1], next_gradient, next_hessian
            path[steps] = value
            steps += 1
            continue
        quality = actual / promised
        if trial[0] and quality > 1e-4:
            theta, value = theta + move, trial[1]
            gradient, hessian = derive(data, theta, trial)
            path[steps] = value
            steps += 1
        if quality < 0.25:
            radius = 0.25 * length
        elif quality > 0.75 and length > 0.9 * radius:
            radius = min(2.5 * radius, 1e3)
        if radius < 1e-12:
            break
    return theta, value, gradient, hessian, converged, evaluations, path[:steps]
