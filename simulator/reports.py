"""Delivery reports of SMS, posted when they are due."""

from urllib.parse import urlencode

from simulator.ground import Ground
from simulator.timetable import Event


class Reports:
    def __init__(self, ground: Ground) -> None:
        self._courier, self._settings = ground.courier, ground.settings
        ground.timetable.on("sms.report", self._report)

    def _report(self, event: Event) -> None:
        failed = event.facts["status"] == "Failed"
        facts = {
            "phoneNumber": event.facts["phone"],
            **({"failureReason": "DeliveryFailure"} if failed else {}),
            "retryCount": "0",
            "id": event.facts["id"],
            "status": event.facts["status"],
            "networkCode": "63902",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._courier.send("sms report", self._settings.webhook("sms/reports"), urlencode(facts), headers)
