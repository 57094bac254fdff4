"""Types of arrays that engines compute."""

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]
