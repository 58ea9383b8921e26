"""Those who buy what the plant makes; every name is invented."""

from __future__ import annotations

from typing import NamedTuple

from db.demo.rows import Row, row, ulid
from db.records import Customer


class _Customer(NamedTuple):
    name: str
    description: str
    address: str
    zip: str
    city: str
    state: str | None
    country: str


class _Contact(NamedTuple):
    customer: str
    primary_contact: str
    primary_contact_phone: str
    alt_contact: str | None
    alt_contact_phone: str | None
    domain: str


_CUSTOMERS = (
    _Customer("Kornblume Markets", "160 supermarkets.", "Lindenallee 14", "80999", "München", "Bayern", "Germany"),
    _Customer("Fjordmat", "Grocery wholesale.", "Havnegata 7", "5003", "Bergen", "Vestland", "Norway"),
    _Customer("Épicerie Lumière", "Delicatessen shops.", "22 rue des Tilleuls", "69002", "Lyon", None, "France"),
    _Customer("Bäckerei Öhlmann", "Bakery with 40 shops.", "Mühlgasse 3", "4020", "Linz", "Oberösterreich", "Austria"),
    _Customer("Casa Ortués", "Importer.", "Calle del Molino 9", "50001", "Zaragoza", "Aragón", "Spain"),
    _Customer("Hotel Group Seeblick", "23 hotels.", "Uferstrasse 61", "6006", "Luzern", "Luzern", "Switzerland"),
    _Customer("Green Fork Canteens", "School meals.", "8 Orchard Lane", "LS1 4AP", "Leeds", "West Yorkshire", "UK"),
    _Customer("Zelená Louka", "Organic food shops.", "Polní 118", "602 00", "Brno", None, "Czechia"),
    _Customer("Polder & Zoon", "Cheese trade.", "Kaaskade 31", "2801 AB", "Gouda", "Zuid-Holland", "Netherlands"),
    _Customer("Blue Ridge Imports", "Cheese for the US.", "410 Harbor Street", "23510", "Norfolk", "Virginia", "USA"),
)

_CONTACTS = (
    _Contact("Kornblume Markets", "Jana Weiß", "+49 89 5550 101", "Murat Şahin", "+49 89 5550 102", "kornblume"),
    _Contact("Fjordmat", "Solveig Bråten", "+47 55 55 01 10", "Nils Aune", "+47 55 55 01 11", "fjordmat"),
    _Contact("Épicerie Lumière", "Hélène Garnier", "+33 4 55 50 01 20", None, None, "lumiere"),
    _Contact("Bäckerei Öhlmann", "Franz Öhlmann", "+43 732 5550 30", "Rosa Huber", "+43 732 5550 31", "oehlmann"),
    _Contact("Casa Ortués", "Iñaki Peña", "+34 976 555 140", None, None, "ortues"),
    _Contact("Hotel Group Seeblick", "Urs Zürcher", "+41 41 555 01 50", "Mia Frei", "+41 41 555 01 51", "seeblick"),
    _Contact("Green Fork Canteens", "Amy Clarke", "+44 113 555 0160", "Tom Reed", "+44 113 555 0161", "greenfork"),
    _Contact("Zelená Louka", "Jiří Dvořák", "+420 555 017 000", None, None, "zelenalouka"),
    _Contact("Polder & Zoon", "Anneke de Wit", "+31 182 555 018", "Piet Bos", "+31 182 555 019", "polder"),
    _Contact("Blue Ridge Imports", "Dana Miller", "+1 757 555 0190", None, None, "blueridge"),
)

CUSTOMER_IDS = {customer.name: ulid(Customer, number) for number, customer in enumerate(_CUSTOMERS, 1)}


def customers() -> list[Row]:
    """Markets, wholesalers, canteens and cheese traders."""
    contacts = {contact.customer: contact for contact in _CONTACTS}
    return [_customer(number, customer, contacts[customer.name]) for number, customer in enumerate(_CUSTOMERS, 1)]


def _customer(number: int, customer: _Customer, contact: _Contact) -> Row:
    return row(
        Customer,
        number,
        **customer._asdict(),
        primary_contact=contact.primary_contact,
        primary_contact_phone=contact.primary_contact_phone,
        primary_contact_email=f"orders@{contact.domain}.example",
        alt_contact=contact.alt_contact,
        alt_contact_phone=contact.alt_contact_phone,
        alt_contact_email=f"quality@{contact.domain}.example" if contact.alt_contact else None,
    )
