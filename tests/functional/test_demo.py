"""What `make demo` needs."""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Runs the code that -c gives, as an older Python would.
OLDER = '''\
#!/bin/sh
exec {} -c 'import sys; sys.version_info = 3, 9, 18; exec(sys.argv[2])' "$@"
'''


def test_too_old_a_python_is_told_which_is_needed(tmp_path):
    python = tmp_path / 'python3.9'
    python.write_text(OLDER.format(sys.executable))
    python.chmod(0o755)
    done = subprocess.run(
        ['make', '-f', ROOT / 'Makefile', 'demo', 'PYTHON={}'.format(python)],
        cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode
    assert ('this needs Python 3.10 or newer, and {} is 3.9: '.format(python)
            in done.stderr)
    assert list(tmp_path.iterdir()) == [python]
