"""Why a token is there, what the energy changed, and whether its weights can be trusted: one question a file.

    pool.py         one step's candidates, read from a run file's lane
    trust.py        ESS, largest weight, sd(log w), flips over the steps; one piece of advice
    correction.py   the marginal against the corrected one, per position, and what chance alone would show
    rival.py        why one candidate outweighs another, token by token
    pairs.py        pairs of positions whose tokens the energy does not want together
    together.py     total correlation of what is revealed together: the error of drawing independently
    reweighing.py   the same candidates under another temperature, or fewer of them

All of it is arithmetic on what a run has stored, in nats. A position's share of a log-weight is called its
part: the parts of a candidate sum to its log w at energy temperature 1.
"""
