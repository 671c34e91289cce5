"""Tests of the learned selector, its data, its league and its evaluation."""
