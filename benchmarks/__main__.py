"""`python -m benchmarks [NAME ...]`: run the named benchmarks, or all."""

import sys

from benchmarks import serving

BENCHMARKS = {"serving": serving.main}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there is: {', '.join(BENCHMARKS)}.")
        return 2
    for name in names or list(BENCHMARKS):
        BENCHMARKS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main([name for argument in sys.argv[1:] for name in argument.split(",") if name]))
