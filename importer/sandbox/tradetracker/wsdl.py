"""TradeTracker's affiliate service as tables, and the WSDL written from them (tradetracker.md 1 to 4).

The real WSDL text is not published anywhere; types, names and order follow what its clients rely on.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

NAMESPACE = "https://ws.tradetracker.com/soap-literal-wsi/affiliate"

_SCALARS = {
    "int": "xsd:nonNegativeInteger",
    "string": "xsd:string",
    "line": "xsd:normalizedString",
    "float": "xsd:float",
    "decimal": "xsd:decimal",
    "bool": "xsd:boolean",
    "uri": "xsd:anyURI",
    "date": "xsd:date",
    "time": "xsd:dateTime",
    "span": "xsd:duration",
}

ENUMS = {
    "CampaignAssignmentStatus": "notsignedup pending accepted rejected onhold signedout",
    "AffiliateSiteStatus": "pending accepted rejected onhold signedout",
    "PolicyStatus": "allowed limited disallowed",
    "SortDirection": "ascending descending",
    "AffiliateSiteFilterSort": "ID name",
    "CampaignFilterSort": "ID name startDate stopDate",
    "TransactionType": "click lead sale",
    "TransactionStatus": "pending accepted rejected",
    "ConversionTransactionFilterSort": "ID assessmentDate registrationDate",
    "Locale": (
        "nl_BE fr_BE cs_CZ da_DK de_DE et_EE en_GB es_ES fr_FR it_IT hu_HU nl_NL nb_NO de_AT pl_PL fi_FI "
        "sv_SE ru_RU "
        "pt_BR ar_AE es_MX"
    ),
}

# Type -> fields in order; `X[]` is a list of elements named after the type.
TYPES = {
    "AffiliateSiteType": "ID:int name:string",
    "AffiliateSiteCategory": "ID:int name:string",
    "AffiliateSiteInfo": (
        "type:AffiliateSiteType category:AffiliateSiteCategory description:string creationDate:date "
        "status:AffiliateSiteStatus"
    ),
    "AffiliateSite": "ID:int name:string URL:uri info:AffiliateSiteInfo",
    "AffiliateSiteFilter": (
        "ID:int query:string affiliateSiteCategoryID:int affiliateSiteTypeID:int "
        "affiliateSiteStatus:AffiliateSiteStatus "
        "limit:int offset:int sort:AffiliateSiteFilterSort sortDirection:SortDirection excludeInfo:bool"
    ),
    "CampaignCategory": "ID:int name:string categories:CampaignCategory[]",
    "CampaignCommission": (
        "impressionCommission:decimal clickCommission:decimal fixedCommission:decimal leadCommission:decimal "
        "saleCommissionFixed:decimal saleCommissionVariable:decimal iLeadCommission:decimal "
        "iSaleCommissionFixed:decimal "
        "iSaleCommissionVariable:decimal"
    ),
    "CampaignInfo": (
        "category:CampaignCategory subCategories:CampaignCategory[] campaignDescription:string "
        "shopDescription:string "
        "targetGroup:string characteristics:string imageURL:uri trackingURL:uri "
        "commission:CampaignCommission "
        "assignmentStatus:CampaignAssignmentStatus startDate:date stopDate:date timeZone:string "
        "clickToConversion:span "
        "policySearchEngineMarketingStatus:PolicyStatus policyEmailMarketingStatus:PolicyStatus "
        "policyCashbackStatus:PolicyStatus policyDiscountCodeStatus:PolicyStatus deeplinkingSupported:bool "
        "referencesSupported:bool leadMaximumAssessmentInterval:span leadAverageAssessmentInterval:span "
        "saleMaximumAssessmentInterval:span saleAverageAssessmentInterval:span attributionModelLead:string "
        "attributionModelSales:string"
    ),
    "Campaign": "ID:int name:string URL:uri info:CampaignInfo",
    "CampaignFilter": (
        "ID:int query:string campaignCategoryID:int assignmentStatus:CampaignAssignmentStatus "
        "policySearchEngineMarketingStatus:PolicyStatus policyEmailMarketingStatus:PolicyStatus "
        "policyCashbackStatus:PolicyStatus policyDiscountCodeStatus:PolicyStatus limit:int offset:int "
        "sort:CampaignFilterSort sortDirection:SortDirection excludeInfo:bool"
    ),
    "Feed": (
        "ID:int campaign:Campaign name:string URL:uri updateDate:time updateInterval:span productCount:int "
        "assignmentStatus:CampaignAssignmentStatus"
    ),
    "FeedFilter": "ID:int campaignID:int campaignCategoryID:int assignmentStatus:CampaignAssignmentStatus",
    "FeedCategory": "name:string productCount:int",
    "FeedProductAdditionalElement": "name:string value:string",
    "FeedProduct": (
        "identifier:string name:string productCategoryName:string description:string price:float "
        "productURL:uri "
        "imageURL:uri additional:FeedProductAdditionalElement[]"
    ),
    "CampaignProduct": "ID:int name:string",
    "AffiliateSitePaidOut": "affiliateSiteID:int paidOut:bool",
    "ConversionTransaction": (
        "ID:int campaign:Campaign campaignProduct:CampaignProduct reference:string "
        "transactionType:TransactionType transactionStatus:TransactionStatus numTouchPointsTotal:int "
        "numTouchPointsAttributed:int attributableCommission:decimal description:string currency:string "
        "commission:decimal orderAmount:decimal IP:string registrationDate:time assessmentDate:time "
        "clickToConversion:span originatingClickDate:time rejectionReason:string paidOut:bool "
        "affiliateSitesPaidOut:AffiliateSitePaidOut[] countryCode:string attributionModel:string"
    ),
    "ConversionTransactionFilter": (
        "ID:int transactionType:TransactionType transactionStatus:TransactionStatus "
        "registrationDateFrom:string registrationDateTo:string assessmentDateTo:string reference:string "
        "limit:int offset:int sort:ConversionTransactionFilterSort sortDirection:SortDirection"
    ),
    "ClickTransaction": (
        "ID:int campaign:Campaign reference:string transactionType:TransactionType "
        "transactionStatus:TransactionStatus currency:string commission:decimal registrationDate:time "
        "refererURL:uri paidOut:bool"
    ),
    "ClickTransactionFilter": (
        "ID:int transactionStatus:TransactionStatus registrationDateFrom:string registrationDateTo:string "
        "reference:string limit:int offset:int"
    ),
    "ReportData": (
        "overallImpressionCount:int uniqueImpressionCount:int impressionCommission:decimal "
        "overallClickCount:int uniqueClickCount:int clickCommission:decimal leadCount:int "
        "leadCommission:decimal saleCount:int saleCommission:decimal fixedCommission:decimal CTR:decimal "
        "CLR:decimal CSR:decimal eCPM:decimal EPC:decimal totalCommission:decimal"
    ),
    "CampaignReport": "campaign:Campaign reportData:ReportData",
    "ReferenceReport": "reference:string campaign:Campaign reportData:ReportData",
    "ReportFilter": "dateFrom:string dateTo:string campaignID:int reference:string",
    "Payment": (
        "invoiceNumber:string currency:string subTotal:decimal VAT:decimal endTotal:decimal billDate:date "
        "payDate:date"
    ),
    "PaymentFilter": "billDateFrom:string billDateTo:string",
    "ProductCommission": (
        "campaignProduct:CampaignProduct leadCommission:decimal saleCommissionFixed:decimal "
        "saleCommissionVariable:decimal"
    ),
    "CampaignCommissionExtended": (
        "impressionCommission:decimal clickCommission:decimal fixedCommission:decimal "
        "products:ProductCommission[]"
    ),
    "FeedProductFilter": (
        "feedID:int feedCategoryName:string campaignID:int campaignCategoryID:int query:string "
        "priceFrom:float "
        "priceTo:float limit:int offset:int"
    ),
}

# Operation -> its parameters, and the one element of its answer ("" when it is empty).
OPERATIONS = {
    "authenticate": ("customerID:int passphrase:line sandbox:bool locale:Locale demo:bool", ""),
    "getAffiliateSites": ("options:AffiliateSiteFilter", "affiliateSites:AffiliateSite[]"),
    "getAffiliateSiteTypes": ("", "affiliateSiteTypes:AffiliateSiteType[]"),
    "getAffiliateSiteCategories": ("", "affiliateSiteCategories:AffiliateSiteCategory[]"),
    "getCampaigns": ("affiliateSiteID:int options:CampaignFilter", "campaigns:Campaign[]"),
    "getCampaignCategories": ("", "campaignCategories:CampaignCategory[]"),
    "getFeeds": ("affiliateSiteID:int options:FeedFilter", "feeds:Feed[]"),
    "getFeedProductCategories": ("affiliateSiteID:int feedID:int", "feedProductCategories:FeedCategory[]"),
    "getConversionTransactions": (
        "affiliateSiteID:int options:ConversionTransactionFilter",
        "conversionTransactions:ConversionTransaction[]",
    ),
    "getClickTransactions": (
        "affiliateSiteID:int options:ClickTransactionFilter",
        "clickTransactions:ClickTransaction[]",
    ),
    "getReportAffiliateSite": ("affiliateSiteID:int options:ReportFilter", "reportData:ReportData[]"),
    "getReportCampaign": ("affiliateSiteID:int options:ReportFilter", "campaignReports:CampaignReport[]"),
    "getReportReference": ("affiliateSiteID:int options:ReportFilter", "referenceReports:ReferenceReport[]"),
    "getPayments": ("options:PaymentFilter", "payments:Payment[]"),
    "getCampaignCommissionExtended": (
        "affiliateSiteID:int campaignID:int",
        "campaignCommissionExtended:CampaignCommissionExtended[]",
    ),
    "getFeedProducts": ("affiliateSiteID:int options:FeedProductFilter", "feedProducts:FeedProduct[]"),
}
# Parameters without which a call makes no sense; all else, and every filter field, may be left out or nil.
_REQUIRED = frozenset({"customerID", "passphrase", "affiliateSiteID", "feedID", "campaignID"})


def read_fields(text: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, _, kind in (entry.partition(":") for entry in text.split())]


FIELDS = {name: read_fields(text) for name, text in TYPES.items()}


def item_name(kind: str) -> str:
    """Return what the elements of a list are called: the type's name, first letter small."""
    return kind[0].lower() + kind[1:]


def write_wsdl(address: str) -> str:
    """Return the WSDL with `address` as the place to send calls to."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xsd="http://www.w3.org/2001/XMLSchema"
 xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:tns="{NAMESPACE}"
 targetNamespace="{NAMESPACE}" name="affiliate">
<wsdl:types><xsd:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
{_schema()}
</xsd:schema></wsdl:types>
{"".join(map(_messages, OPERATIONS))}
<wsdl:portType name="affiliatePort">
{"".join(map(_port_operation, OPERATIONS))}
</wsdl:portType>
<wsdl:binding name="affiliateBinding" type="tns:affiliatePort">
<soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
{"".join(map(_binding_operation, OPERATIONS))}
</wsdl:binding>
<wsdl:service name="affiliateService"><wsdl:port name="affiliatePort" binding="tns:affiliateBinding">
<soap12:address location={quoteattr(address)}/></wsdl:port></wsdl:service>
</wsdl:definitions>
"""


def _schema() -> str:
    parts: list[str] = []
    for name, values in ENUMS.items():
        options = "".join(f'<xsd:enumeration value="{escape(value)}"/>' for value in values.split())
        parts.append(
            f'<xsd:simpleType name="{name}"><xsd:restriction base="xsd:string">{options}</xsd:restriction>'
            "</xsd:simpleType>"
        )
    for name, fields in FIELDS.items():
        parts.append(f'<xsd:complexType name="{name}">{_sequence(fields)}</xsd:complexType>')
    for kind in sorted({kind[:-2] for kind in _all_kinds() if kind.endswith("[]")}):
        parts.append(
            f'<xsd:complexType name="ArrayOf{kind}"><xsd:sequence><xsd:element name="{item_name(kind)}" '
            f'type="tns:{kind}" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType>'
        )
    for name, (parameters, result) in OPERATIONS.items():
        for element, fields in ((name, parameters), (f"{name}Response", result)):
            sequence = _sequence(read_fields(fields), _REQUIRED)
            parts.append(
                f'<xsd:element name="{element}"><xsd:complexType>{sequence}</xsd:complexType></xsd:element>'
            )
    return "\n".join(parts)


def _all_kinds() -> set[str]:
    kinds = {kind for fields in FIELDS.values() for _, kind in fields}
    return kinds | {kind for _, result in OPERATIONS.values() for _, kind in read_fields(result)}


def _sequence(fields: list[tuple[str, str]], required: frozenset[str] = frozenset()) -> str:
    elements = "".join(
        f'<xsd:element name="{name}" type="{_type(kind)}"{"" if name in required else _OPTIONAL}/>'
        for name, kind in fields
    )
    return f"<xsd:sequence>{elements}</xsd:sequence>"


_OPTIONAL = ' nillable="true" minOccurs="0"'


def _type(kind: str) -> str:
    return f"tns:ArrayOf{kind[:-2]}" if kind.endswith("[]") else _SCALARS.get(kind, f"tns:{kind}")


def _messages(name: str) -> str:
    return (
        f'<wsdl:message name="{name}Request"><wsdl:part name="parameters" '
        f'element="tns:{name}"/></wsdl:message>'
        f'<wsdl:message name="{name}Response"><wsdl:part name="parameters" '
        f'element="tns:{name}Response"/></wsdl:message>\n'
    )


def _port_operation(name: str) -> str:
    return (
        f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}Request"/>'
        f'<wsdl:output message="tns:{name}Response"/></wsdl:operation>\n'
    )


def _binding_operation(name: str) -> str:
    return (
        f'<wsdl:operation name="{name}"><soap12:operation soapAction="{NAMESPACE}/{name}" style="document"/>'
        '<wsdl:input><soap12:body use="literal"/></wsdl:input>'
        '<wsdl:output><soap12:body use="literal"/></wsdl:output></wsdl:operation>\n'
    )
