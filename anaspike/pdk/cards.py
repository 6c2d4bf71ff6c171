"""One card a transistor size: what its sub-circuit is called."""

from anaspike.pdk.roles import DrawnMos, MosSize


def rounded(size: MosSize) -> tuple[float, float]:
    """Return width and length in metres, free of rounding noise (12 digits)."""
    return float(f"{size.w_m:.12g}"), float(f"{size.l_m:.12g}")


def card_name(size: MosSize) -> str:
    """Return the sub-circuit's name: `nmos_svt_w420n_l150n`, `..._w35p5n_...`, `..._drawn`."""
    width, length = (f"{metres * 1e9:.12g}".replace(".", "p") for metres in rounded(size))
    drawn = "_drawn" if isinstance(size, DrawnMos) else ""
    return f"{size.role}_w{width}n_l{length}n{drawn}"
