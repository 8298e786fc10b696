"""Metrics of requests for OpenTelemetry (extra `otel`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from antiphon import __version__
from antiphon.errors import MissingExtraError
from antiphon.integrations.http_attributes import (
    INSTRUMENTATION,
    SCHEMA_URL,
    check_flag,
    check_guest,
    methods_to_name,
    outcome_attributes,
    request_body_size,
    response_body_size,
    server_attributes,
)
from antiphon.policies.metrics import MetricsRecorder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.metrics import MeterProvider

    from antiphon.models.request import Request
    from antiphon.policies.outcomes import Outcome

# Seconds; what the conventions advise for http.client.request.duration.
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


class OpenTelemetryMetrics(MetricsRecorder):
    """Records `http.client.request.duration` and `http.client.active_requests`, for `Metrics`.

    - `meter_provider`: the global one unless given
    - `known_methods`: others are told as `_OTHER`; those of RFC 9110, PATCH and QUERY unless given
    - `sizes`: whether `http.client.request.body.size` and `http.client.response.body.size` are
      recorded, too, where they are known

    Raises MissingExtraError without opentelemetry-api, InvalidOptionError for unfit settings.
    """

    __slots__ = ("_active", "_duration", "_known", "_received", "_sent", "_sizes")

    def __init__(
        self,
        meter_provider: MeterProvider | None = None,
        *,
        known_methods: Iterable[str] | None = None,
        sizes: bool = False,
    ) -> None:
        try:
            from opentelemetry.metrics import get_meter
        except ImportError:
            raise MissingExtraError(
                "OpenTelemetryMetrics needs the package opentelemetry-api; "
                'pip install "antiphon[otel]"'
            ) from None
        check_guest("meter_provider", meter_provider, "get_meter")
        check_flag("sizes", sizes)
        meter = get_meter(INSTRUMENTATION, __version__, meter_provider, SCHEMA_URL)
        self._known = methods_to_name(known_methods)
        self._sizes = sizes
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=DURATION_BUCKETS,
        )
        self._active = meter.create_up_down_counter(
            "http.client.active_requests",
            unit="{request}",
            description="Number of active HTTP requests.",
        )
        self._sent, self._received = (
            meter.create_histogram(
                f"http.client.{message}.body.size",
                unit="By",
                description=f"Size of HTTP client {message} bodies.",
            )
            for message in ("request", "response")
        )

    def request_started(self, request: Request) -> None:
        self._active.add(1, server_attributes(request, self._known))

    def request_ended(self, request: Request, outcome: Outcome) -> None:
        attributes = server_attributes(request, self._known)
        self._active.add(-1, attributes)
        attributes |= outcome_attributes(outcome)
        self._duration.record(outcome.elapsed, attributes)
        if self._sizes:
            sent = request_body_size(request)
            received = response_body_size(request, outcome)
            if sent is not None:
                self._sent.record(sent, attributes)
            if received is not None:
                self._received.record(received, attributes)
