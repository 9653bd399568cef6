"""Taiyi: bilingual (Chinese, English) biomedical language work that runs on your own machine."""

__version__ = "0.1.0"
