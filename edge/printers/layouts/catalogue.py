"""Every layout by its name, which is also the name of its template."""

from __future__ import annotations

from edge.printers.layouts import licences, marks, notices, slips, taxes
from edge.printers.layouts.facts import Facts

_ALL: tuple[type[Facts], ...] = (
    slips.ReceiptSlip,
    slips.FailureSlip,
    slips.PickupSlip,
    slips.TicketSlip,
    slips.CompartmentLabel,
    notices.Notice,
    licences.LicenceOriginal,
    licences.LicenceCopy,
    taxes.TaxRecord,
    taxes.TaxCertificateTable,
    taxes.TaxCertificateText,
    marks.ArchiveMark,
    marks.Waybill,
)
LAYOUTS = {kind.template: kind for kind in _ALL}
