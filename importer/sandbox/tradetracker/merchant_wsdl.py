"""The description of the merchant's web service, made of tables."""

from __future__ import annotations

NAMESPACE = "https://ws.tradetracker.com/soap-literal-wsi/merchant"
_OPTIONAL = 'minOccurs="0" nillable="true"'


def _sequence(*fields: str) -> str:
    elements = []
    for field in fields:
        name, kind = field.split(":")
        optional = "" if name in ("customerID", "passphrase", "campaignID") else _OPTIONAL
        prefix = "tns" if kind[0].isupper() else "xsd"
        elements.append(f'<xsd:element name="{name}" type="{prefix}:{kind}" {optional}/>')
    return f"<xsd:sequence>{''.join(elements)}</xsd:sequence>"


def _array(name: str, item: str, kind: str) -> str:
    element = f'<xsd:element name="{item}" type="tns:{kind}" minOccurs="0" maxOccurs="unbounded"/>'
    return f'<xsd:complexType name="{name}"><xsd:sequence>{element}</xsd:sequence></xsd:complexType>'


_CALLS = {
    "authenticate": (
        (
            "customerID:nonNegativeInteger",
            "passphrase:string",
            "sandbox:boolean",
            "locale:string",
            "demo:boolean",
        ),
        (),
    ),
    "getCampaigns": ((), ("campaigns:ArrayOfCampaign",)),
    "getConversionTransactions": (
        ("campaignID:nonNegativeInteger", "options:ConversionTransactionFilter"),
        ("conversionTransactions:ArrayOfConversionTransaction",),
    ),
    "assessConversionTransaction": (
        (
            "conversionTransactionID:nonNegativeInteger",
            "transactionStatus:string",
            "rejectionReason:string",
            "orderAmount:decimal",
        ),
        (),
    ),
}
_COMPLEX = {
    "Campaign": ("ID:nonNegativeInteger", "name:string"),
    "AffiliateSite": ("ID:nonNegativeInteger", "name:string"),
    "ConversionTransactionFilter": (
        "ID:nonNegativeInteger",
        "registrationDateFrom:string",
        "registrationDateTo:string",
        "limit:nonNegativeInteger",
    ),
    "ConversionTransaction": (
        "ID:nonNegativeInteger",
        "characteristic:string",
        "affiliateSite:AffiliateSite",
        "transactionType:string",
        "transactionStatus:string",
        "description:string",
        "currency:string",
        "commission:decimal",
        "orderAmount:decimal",
        "registrationDate:dateTime",
        "assessmentDate:dateTime",
        "rejectionReason:string",
    ),
}


def _write_wsdl() -> str:
    types = "".join(
        f'<xsd:complexType name="{name}">{_sequence(*fields)}</xsd:complexType>'
        for name, fields in _COMPLEX.items()
    )
    types += _array("ArrayOfCampaign", "campaign", "Campaign")
    types += _array("ArrayOfConversionTransaction", "conversionTransaction", "ConversionTransaction")
    messages = ports = bindings = ""
    for name, (given, answered) in _CALLS.items():
        for element, fields in ((name, given), (f"{name}Response", answered)):
            inner = f"<xsd:complexType>{_sequence(*fields)}</xsd:complexType>"
            types += f'<xsd:element name="{element}">{inner}</xsd:element>'
            messages += (
                f'<wsdl:message name="{element}Message">'
                f'<wsdl:part name="parameters" element="tns:{element}"/>'
                "</wsdl:message>"
            )
        ports += (
            f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}Message"/>'
            f'<wsdl:output message="tns:{name}ResponseMessage"/></wsdl:operation>'
        )
        bindings += (
            f'<wsdl:operation name="{name}">'
            f'<soap12:operation soapAction="{NAMESPACE}/{name}" style="document"/>'
            '<wsdl:input><soap12:body use="literal"/></wsdl:input>'
            '<wsdl:output><soap12:body use="literal"/></wsdl:output></wsdl:operation>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<wsdl:definitions '
        'xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" '
        f'xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}" name="merchant"><wsdl:types>'
        f'<xsd:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">{types}'
        "</xsd:schema></wsdl:types>"
        f'{messages}<wsdl:portType name="merchantPort">{ports}</wsdl:portType>'
        '<wsdl:binding name="merchantBinding" type="tns:merchantPort"><soap12:binding style="document" '
        f'transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}</wsdl:binding>'
        '<wsdl:service name="merchantService"><wsdl:port name="merchantPort" binding="tns:merchantBinding">'
        '<soap12:address location="%s"/></wsdl:port></wsdl:service></wsdl:definitions>'
    )


WSDL = _write_wsdl()
