# Two commands do all the set-up themselves: `make demo` runs the main job, `make test` passes the tests.

PYTHON = .venv/bin/python
LOCK = uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 --custom-compile-command "make lock" pyproject.toml

.PHONY: demo test test-ocr look-tables check image-check bench bench-measure bench-identify bench-search bench-verify \
	bench-letters lock setup-demo setup-test

demo: setup-demo            ## every kind of letter on one machine; ARGS=--once ends by itself
	.venv/bin/baosong demo $(ARGS)

test: setup-test check      ## lint, types, import law, all tests
	$(PYTHON) -m pytest -n 2 --dist loadfile

check: setup-test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

test-ocr: setup-test        ## the tests that need the extra which reads scans (380 MB more)
	$(PYTHON) -m pip install -qq --disable-pip-version-check -e '.[ocr]'
	$(PYTHON) -m pytest tests/unit/intake/test_ocr.py

look-tables: setup-test     ## the office's tables in LibreOffice (libreoffice-calc, libreoffice-writer: 400 MB)
	$(PYTHON) -m pytest tests/unit/archive/test_forms.py -k libreoffice -rs

bench: setup-test           ## intake against mbsync and an imap-tools script; ratios in one run
	$(PYTHON) -m tests.benchmarks

bench-measure: setup-test   ## measuring 1,000 mixed files against a script of well-known packages
	$(PYTHON) -m pip install -qq --disable-pip-version-check -e '.[bench]'
	$(PYTHON) -m tests.benchmarks.measure

bench-identify: setup-test  ## identifying and classifying among 10,000 units on the roster
	$(PYTHON) -m tests.benchmarks.identify

bench-search: setup-test    ## lists and search over a million pieces; ARGS="--pieces 100000" for a look
	$(PYTHON) -m tests.benchmarks.search $(ARGS)

bench-verify: setup-test    ## checking 3 GB against bagit.py on the same bytes; ARGS="--gigabytes 1" for a look
	$(PYTHON) -m pip install -qq --disable-pip-version-check -e '.[bench]'
	$(PYTHON) -m tests.benchmarks.verify $(ARGS)

image-check:                ## build and run the image without a Docker engine (needs root, debootstrap, buildah)
	sh docker/image-check.sh

bench-letters: setup-test   ## 1,000 letters written and sent, against a script; whether caps hold
	$(PYTHON) -m tests.benchmarks.letters

lock:                       ## resolve the dependencies anew
	$(LOCK) --extra demo -o requirements.txt
	$(LOCK) --extra test -o requirements-test.txt

setup-demo:
	@sh .ci/setup demo

setup-test:
	@sh .ci/setup test
