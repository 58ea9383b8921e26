from pathlib import Path

import pytest

from server.config import Settings, WrongSetting, settings_from


def test_without_any_variable_the_settings_have_defaults():
    assert settings_from({}) == Settings()
    assert (Settings().host, Settings().port, Settings().database_url) == ("127.0.0.1", 8000, None)


def test_each_setting_is_read_from_its_variable():
    settings = settings_from(
        {
            "MES_ORDERS_DATABASE_URL": "postgresql://user:secret@db:5433/orders",
            "MES_ORDERS_DATA": "/srv/data",
            "MES_ORDERS_HOST": "::1",
            "MES_ORDERS_PORT": "80",
            "MES_ORDERS_WORKERS": "4",
            "MES_ORDERS_POOL_SIZE": "3",
            "MES_ORDERS_METRICS": "off",
            "MES_ORDERS_OTLP_ENDPOINT": "http://[::1]:4318/",
            "MES_ORDERS_SLOW_SECONDS": "0.25",
            "MES_ORDERS_LOG_FORMAT": "json",
            "MES_ORDERS_LOG_LEVEL": "debug",
            "PATH": "/bin",
        }
    )

    assert settings == Settings(
        database_url="postgresql://user:secret@db:5433/orders",
        data=Path("/srv/data"),
        host="::1",
        port=80,
        workers=4,
        pool_size=3,
        metrics=False,
        otlp_endpoint="http://[::1]:4318",
        slow_seconds=0.25,
        log_format="json",
        log_level="debug",
    )


def test_as_many_values_may_be_set_as_any_json_may_have():
    assert settings_from({"MES_ORDERS_MAX_VALUES": "25000"}).max_values == 25_000


def test_an_empty_variable_counts_as_not_set():
    assert settings_from({"MES_ORDERS_PORT": "", "MES_ORDERS_DATABASE_URL": ""}) == Settings()


def test_an_owner_without_a_database_is_refused_without_its_url():
    with pytest.raises(WrongSetting, match="MES_ORDERS_OWNER_URL needs MES_ORDERS_DATABASE_URL") as refusal:
        settings_from({"MES_ORDERS_OWNER_URL": "postgresql://owner:secret@db/orders"})

    assert "secret" not in str(refusal.value)


def test_a_variable_that_is_no_setting_is_named():
    with pytest.raises(WrongSetting, match="There is no setting MES_ORDERS_PROT"):
        settings_from({"MES_ORDERS_PROT": "80"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MES_ORDERS_PORT", "x"),
        ("MES_ORDERS_PORT", "-1"),
        ("MES_ORDERS_PORT", "65536"),
        ("MES_ORDERS_PORT", "1_0"),
        ("MES_ORDERS_PORT", "٣"),
        ("MES_ORDERS_WORKERS", "0"),
        ("MES_ORDERS_WORKERS", "65"),
        ("MES_ORDERS_POOL_SIZE", "0"),
        ("MES_ORDERS_MAX_VALUES", "25001"),
        ("MES_ORDERS_METRICS", "yes"),
        ("MES_ORDERS_SLOW_SECONDS", "0"),
        ("MES_ORDERS_SLOW_SECONDS", "1e3"),
        ("MES_ORDERS_SLOW_SECONDS", "3601"),
        ("MES_ORDERS_LOG_FORMAT", "JSON"),
        ("MES_ORDERS_LOG_LEVEL", "loud"),
        ("MES_ORDERS_POINTS_PER_MINUTE", "-1"),
        ("MES_ORDERS_FAILED_AUTHENTICATIONS", "many"),
        ("MES_ORDERS_OIDC_JWKS", "ftp://issuer.example/keys"),
        ("MES_ORDERS_OIDC_JWKS", "https://"),
        ("MES_ORDERS_OIDC_JWKS", "https://user:secret@issuer.example/keys"),
        ("MES_ORDERS_ORIGINS", "*"),
        ("MES_ORDERS_ORIGINS", "null"),
        ("MES_ORDERS_ORIGINS", "app.example"),
        ("MES_ORDERS_ORIGINS", "https://app.example/"),
        ("MES_ORDERS_ORIGINS", "https://app.example,https://*.example"),
        ("MES_ORDERS_TRUSTED_PROXIES", "*"),
        ("MES_ORDERS_TRUSTED_PROXIES", "proxy.example"),
        ("MES_ORDERS_TRUSTED_PROXIES", "10.0.0.1/8"),
    ],
)
def test_a_wrong_value_is_told_with_the_name_of_the_variable(variable, value):
    with pytest.raises(WrongSetting) as wrong:
        settings_from({variable: value})

    assert str(wrong.value).startswith(f"The setting {variable} is {value!r}: it must be ")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgres://user@host/orders",
        "postgresql://user:p%40ss@host:5432/orders?sslmode=require",
        "postgresql://one:5432,two:5433/orders",
        "postgresql://[::1]:5432/orders",
        "postgresql:///orders?host=%2Frun%2Fpostgresql",
    ],
)
def test_a_database_is_named_by_its_url(url):
    assert settings_from({"MES_ORDERS_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize("url", ["orders", "http://host/orders", "postgresql:orders", "postgresql://u:secret@host:x/o"])
@pytest.mark.parametrize("name", ["MES_ORDERS_DATABASE_URL", "MES_ORDERS_OWNER_URL", "MES_ORDERS_READ_URL"])
def test_a_wrong_url_is_told_without_its_password(name, url):
    with pytest.raises(WrongSetting) as wrong:
        settings_from({name: url})

    assert str(wrong.value) == (
        f"The setting {name} is not right: it must be as postgresql://user:password@host:port/database."
    )


@pytest.mark.parametrize("url", ["collector:4318", "http://user:secret@collector", "http://collector/?key=secret"])
def test_a_wrong_collector_is_told_without_what_may_be_secret(url):
    with pytest.raises(WrongSetting) as wrong:
        settings_from({"MES_ORDERS_OTLP_ENDPOINT": url})

    assert str(wrong.value) == (
        "The setting MES_ORDERS_OTLP_ENDPOINT is not right: it must be as http://collector:4318."
    )


def test_origins_and_proxies_are_read_with_commas_between():
    settings = settings_from(
        {
            "MES_ORDERS_ORIGINS": "https://App.example, http://localhost:3000,http://[::1]:3000",
            "MES_ORDERS_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16,fd00::/8",
        }
    )

    assert settings.origins == ("https://app.example", "http://localhost:3000", "http://[::1]:3000")
    assert settings.trusted_proxies == ("10.0.0.1/32", "10.1.0.0/16", "fd00::/8")


ISSUER = {
    "MES_ORDERS_OIDC_ISSUER": "https://issuer.example",
    "MES_ORDERS_OIDC_AUDIENCE": "mes-orders",
    "MES_ORDERS_OIDC_JWKS": "https://issuer.example/keys?a=b",
}


@pytest.mark.parametrize(
    ("text", "source"),
    [("https://issuer.example/keys", "https://issuer.example/keys"), ("/etc/keys.json", Path("/etc/keys.json"))],
)
def test_the_keys_of_an_issuer_are_at_an_address_or_in_a_file(text, source):
    assert settings_from({**ISSUER, "MES_ORDERS_OIDC_JWKS": text}).oidc_jwks == source


@pytest.mark.parametrize("missing", ISSUER)
def test_an_issuer_that_is_told_by_half_is_no_issuer(missing):
    with pytest.raises(WrongSetting) as wrong:
        settings_from({name: value for name, value in ISSUER.items() if name != missing})

    assert str(wrong.value) == (
        f"The setting {missing} is missing: for callers by OIDC, set all of {', '.join(ISSUER)}."
    )
