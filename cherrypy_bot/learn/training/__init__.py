"""Training of the selector, in torch: `dataset` (episodes as arrays), `network`, `fit` (one member), `metrics`,
`train` (the whole: ensemble, calibration, weights and card). Nothing of this is imported in a match.
"""
