"""The page of SSH keys and the like: who sees what of it, what can be done there, and what is refused in which words."""

import base64
import html
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.forms.service_credentials import ServiceCredentialForm
from accounts.models import ServiceSpecificCredential, SigningCertificate, SshPublicKey, User
from accounts.operations.service_specific_credentials import KEY_SERVICES, PASSWORD_SERVICES
from accounts.other_credentials import SERVICES
from operations import journal
from operations.clock import now
from operations.gate import REGISTRY
from operations.models import Event
from operations.secrets import digest
from tests.accounts.browser import PASSWORD, Browser, html_of, text_of
from tests.every_page import SSH_KEY
from tests.signed_by_itself import certificate
from tests.signing_in import sign_in

GIT, BEDROCK = "codecommit.amazonaws.com", "bedrock.amazonaws.com"
OWN, DORA = "/security-credentials", "/users/dora/security-credentials"
BOTH = pytest.mark.parametrize("base", [OWN, DORA], ids=["own", "another's"])


def allowing(*actions, resource="*"):
    statement = {"Effect": "Allow", "Action": [f"iam:{action}" for action in actions], "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def person_with(make_user):
    """Somebody with these permissions, signed in as vera."""

    def made(*actions, resource="*"):
        client = Browser()
        sign_in(client, make_user("vera", allowing(*actions, resource=resource)), mfa=True)
        return client

    return made


def call(name, caller, **params):
    return REGISTRY[f"iam:{name}"](caller, **params)


def owner_at(base):
    return User.objects.get(name="alice" if base == OWN else "dora")


def upload_of(system, name="dora"):
    made = call("UploadSSHPublicKey", system, user_name=name, ssh_public_key_body=SSH_KEY)
    return made["SSHPublicKey"]["SSHPublicKeyId"]


class TestWhoSeesIt:
    def test_numbers_on_the_page_of_all_credentials(self, administrator, dora, system):
        page = text_of(administrator.get(f"{DORA}/"))
        assert "SSH public keys None" in page
        call("UpdateSSHPublicKey", system, user_name="dora", ssh_public_key_id=upload_of(system), status="Inactive")
        page = administrator.get(f"{DORA}/")
        assert "SSH public keys 1 (1 inactive)" in text_of(page)
        assert f'href="{DORA}/other/"' in page.content.decode()

    def test_nothing_of_it_for_who_may_list_none(self, person_with, dora):
        person = person_with("GetUser", "ListAccessKeys")
        assert "Other credentials" not in text_of(person.get(f"{DORA}/"))
        refused = person.get(f"{DORA}/other/")
        assert refused.status_code == 403
        assert "is not authorized to perform: iam:ListSSHPublicKeys" in text_of(refused)

    def test_listing_alone_offers_nothing_else(self, person_with, dora, system):
        key_id = upload_of(system)
        person = person_with("GetUser", "ListSSHPublicKeys")
        page = html_of(person.get(f"{DORA}/other/"))
        assert key_id in page
        assert "Upload SSH" not in page
        assert "Deactivate" not in page
        assert "Delete…" not in page
        for answer in (
            person.get(f"{DORA}/ssh-public-keys/upload/"),
            person.get(f"{DORA}/ssh-public-keys/{key_id}/delete/"),
            person.post(f"{DORA}/ssh-public-keys/{key_id}/delete/"),
            person.post(f"{DORA}/ssh-public-keys/{key_id}/status/", {"status": "Inactive"}),
        ):
            assert answer.status_code == 403
        assert SshPublicKey.objects.get().is_active

    def test_tags_of_the_user_count(self, make_user, dora, system):
        call("TagUser", system, user_name="dora", tags=[{"Key": "team", "Value": "blue"}])
        document = json.loads(allowing("GetUser", "*SSHPublicKey*"))
        document["Statement"][0]["Condition"] = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
        person = Browser()
        sign_in(person, make_user("vera", json.dumps(document)), mfa=True)
        assert "Upload SSH public key" in text_of(person.get(f"{DORA}/other/"))
        assert person.post(f"{DORA}/ssh-public-keys/upload/", {"ssh_public_key_body": SSH_KEY}).status_code == 302
        assert person.get(f"{OWN}/other/").status_code == 403

    def test_what_is_read_is_recorded_once(self, person_with, dora, system):
        upload_of(system)
        person = person_with("GetUser", "ListSSHPublicKeys")
        for address in (f"{DORA}/other/", f"{DORA}/"):
            journal.settle()
            known = Event.objects.latest("id").pk
            person.get(address)
            journal.settle()
            read = list(Event.objects.filter(pk__gt=known).values_list("name", flat=True))
            assert read.count("ListSSHPublicKeys") == 1
            assert not Event.objects.filter(pk__gt=known).exclude(error_code="").exists()

    def test_the_root_user_has_no_ssh_keys(self, account):
        person = Browser()
        sign_in(person, User.everyone.get(is_root=True))
        assert "SSH public keys" not in text_of(person.get(f"{OWN}/"))
        for page in ("upload/", "APKAAAAAAAAAAAAAAAAA/delete/"):
            assert person.get(f"{OWN}/ssh-public-keys/{page}").status_code == 404

    def test_a_user_who_does_not_exist(self, administrator):
        assert administrator.get("/users/nobody-of-this-name/security-credentials/other/").status_code == 404


class TestWithoutTheList:
    """Who may make one and list none is led to the page of all credentials, never to one that is refused."""

    def test_uploading(self, person_with, dora):
        person = person_with("GetUser", "UploadSSHPublicKey", "UploadSigningCertificate")
        for kind, field, text in (
            ("ssh-public-keys", "ssh_public_key_body", SSH_KEY),
            ("signing-certificates", "certificate_body", certificate("dora")),
        ):
            page = person.get(f"{DORA}/{kind}/upload/")
            assert page.status_code == 200
            assert f"{DORA}/other/" not in page.content.decode()
            assert person.post(f"{DORA}/{kind}/upload/", {field: text}).url == f"{DORA}/"
            assert "is uploaded." in text_of(person.get(f"{DORA}/"))

    def test_creating_and_what_needs_no_look(self, person_with, dora):
        person = person_with("GetUser", "*ServiceSpecificCredential")
        made = person.post(f"{DORA}/service-credentials/create/", {"service_name": GIT}).url
        page = person.get(made)
        assert "Download .csv file" in text_of(page)
        assert f"{DORA}/other/" not in page.content.decode()
        assert person.post(made).url == f"{DORA}/"
        assert f"{DORA}/other/" not in person.get(made).content.decode()
        assert person.post(made.replace("secret", "status"), {"status": "Inactive"}).url == f"{DORA}/"
        assert person.get(made.replace("secret", "delete")).status_code == 403
        assert person.post(made.replace("secret", "delete")).url == f"{DORA}/"
        assert not ServiceSpecificCredential.objects.exists()


class TestSSHPublicKeys:
    def send(self, person, base, **given):
        return person.post(f"{base}/ssh-public-keys/upload/", given)

    @BOTH
    def test_from_upload_to_deletion(self, administrator, dora, base):
        assert "SSH public keys 0" in text_of(administrator.get(f"{base}/other/"))
        sent = self.send(administrator, base, ssh_public_key_body=SSH_KEY)
        assert sent.url == f"{base}/other/"
        key = SshPublicKey.objects.get()
        assert key.user == owner_at(base)
        page = text_of(administrator.get(f"{base}/other/"))
        assert f"The SSH public key {key.key_id} is uploaded." in page
        assert key.fingerprint in page
        one = f"{base}/ssh-public-keys/{key.key_id}"
        assert administrator.post(f"{one}/status/", {"status": "Inactive"}).url == f"{base}/other/"
        page = administrator.get(f"{base}/other/")
        assert f"{key.key_id} is inactive and refused from now on. Undo" in text_of(page)
        token = re.search(r'form="undo" name="token" value="(\w+)"', page.content.decode())[1]
        administrator.post(reverse("pages:undo"), {"token": token})
        assert SshPublicKey.objects.get().is_active
        asked = text_of(administrator.get(f"{one}/delete/"))
        assert f"Delete SSH public key {key.key_id}" in asked
        assert "Whoever has the private key no longer reaches AWS CodeCommit" in asked
        assert SshPublicKey.objects.exists()
        assert administrator.post(f"{one}/delete/").url == f"{base}/other/"
        assert not SshPublicKey.objects.exists()
        assert f"{key.key_id} is deleted." in text_of(administrator.get(f"{base}/other/"))

    def test_status_that_is_so_already_offers_no_undo(self, administrator, dora, system):
        key_id = upload_of(system)
        administrator.post(f"{DORA}/ssh-public-keys/{key_id}/status/", {"status": "Active"})
        page = text_of(administrator.get(f"{DORA}/other/"))
        assert f"{key_id} is active." in page
        assert "Undo" not in page

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("", "Enter the public key."),
            ("ssh-rsa AAAA", "The public key is malformed or otherwise invalid."),
            ("ssh-ed25519 AAAA", "The public key encoding is not supported: it must be ssh-rsa or PEM."),
            ("ssh-rsa “AAAA”", "signs of Latin-1 only"),
            ("x" * 16_385, "16384"),
            (SSH_KEY, "The SSH public key is already associated with the specified IAM user."),
        ],
    )
    def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(self, administrator, dora, system, typed, said):
        upload_of(system)
        answer = self.send(administrator, DORA, ssh_public_key_body=typed)
        assert answer.status_code == 200
        form = html_of(answer).partition('class="form"')[2]
        assert said in text_of(answer)
        assert 'aria-invalid="true"' in form
        assert re.search(rf'id="id_ssh_public_key_body_error"[^§]*{re.escape(said)}', form)
        assert typed[:60] in form
        assert SshPublicKey.objects.count() == 1

    def test_the_quota_is_said_before_and_after(self, administrator, dora, system, settings):
        settings.QUOTAS = {"SSHPublicKeysPerUserQuota": "1"}
        upload_of(system)
        page = html_of(administrator.get(f"{DORA}/other/"))
        assert 'aria-disabled="true" title="There is 1 already, which is the most. Delete it first."' in page
        answer = self.send(administrator, DORA, ssh_public_key_body=SSH_KEY.replace("dora", "x"))
        assert "already associated" in text_of(answer)
        settings.QUOTAS = {"SSHPublicKeysPerUserQuota": "0"}
        SshPublicKey.objects.all().delete()
        assert "Cannot exceed quota for SSHPublicKeysPerUser: 0" in text_of(
            self.send(administrator, DORA, ssh_public_key_body=SSH_KEY)
        )

    def test_a_private_key_is_neither_taken_nor_shown_again_nor_recorded(self, administrator, dora):
        private = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n-----END OPENSSH PRIVATE KEY-----"
        answer = self.send(administrator, DORA, ssh_public_key_body=private)
        assert "This is a private key, and was not kept." in text_of(answer)
        assert "b3BlbnNzaC1rZXk" not in answer.content.decode()
        assert not any("b3BlbnNzaC1rZXk" in record for record in Event.objects.values_list("record", flat=True))

    def test_a_file_without_scripts(self, administrator, dora):
        file = SimpleUploadedFile("id_rsa.pub", SSH_KEY.encode())
        assert self.send(administrator, DORA, ssh_public_key_body="", file=file).status_code == 302
        assert SshPublicKey.objects.get().body == SSH_KEY

    @pytest.mark.parametrize(
        ("content", "typed", "said"),
        [
            (b"\x30\x82\xff", "", "The file is no text. Choose one in PEM encoding, not in DER."),
            (b"x" * 20_000, "", "The file is too large: at most 16 kB are read."),
            (SSH_KEY.encode(), "ssh-rsa typed", "Type the text or choose a file. Nothing was taken from the file."),
        ],
    )
    def test_a_file_that_is_not_read(self, administrator, dora, content, typed, said):
        answer = self.send(administrator, DORA, ssh_public_key_body=typed, file=SimpleUploadedFile("key", content))
        form = html_of(answer).partition('class="form"')[2]
        assert re.search(rf'id="id_file_error"[^§]*{re.escape(said)}', form)
        assert "Enter the public key." not in form
        assert typed in form
        assert not SshPublicKey.objects.exists()

    def test_a_key_of_somebody_else_is_not_found(self, administrator, dora, system):
        key_id = upload_of(system)
        assert administrator.get(f"{OWN}/ssh-public-keys/{key_id}/delete/").status_code == 404
        assert administrator.post(f"{OWN}/ssh-public-keys/{key_id}/delete/").status_code == 404
        assert administrator.post(f"{OWN}/ssh-public-keys/{key_id}/status/", {"status": "x"}).status_code == 404
        assert SshPublicKey.objects.exists()

    def test_a_fresh_factor_is_asked_for_and_what_was_typed_goes_on(self, person, user_with, clock):
        person.sign_in(user_with(allowing("*")))
        clock.shift(timedelta(minutes=11))
        address = f"{OWN}/ssh-public-keys/upload/"
        asked = person.post(address, {"ssh_public_key_body": SSH_KEY})
        assert "Confirm that it is you" in text_of(asked)
        assert not SshPublicKey.objects.exists()
        token = re.search(r'name="_confirm" value="([^"]+)"', asked.content.decode())[1]
        assert person.post(address, {"_confirm": token, "password": PASSWORD}).status_code == 302
        key = SshPublicKey.objects.get()
        clock.shift(timedelta(minutes=11))
        for page in ("status", "delete"):
            asked = person.post(f"{OWN}/ssh-public-keys/{key.key_id}/{page}/", {"status": "Inactive"})
            assert "Confirm that it is you" in text_of(asked)
        assert SshPublicKey.objects.get().is_active


class TestServiceCredentials:
    def create(self, person, base, **given):
        return person.post(f"{base}/service-credentials/create/", {"service_name": GIT, **given})

    def secret_in(self, page):
        return html.unescape(re.search(r'data-copy="([\w=-]{44})"', page.content.decode())[1])

    @BOTH
    def test_from_creation_to_deletion(self, administrator, dora, base):
        made = self.create(administrator, base)
        row = ServiceSpecificCredential.objects.get()
        one = f"{base}/service-credentials/{row.credential_id}"
        assert row.user == owner_at(base)
        assert made.url == f"{one}/secret/"
        page = administrator.get(made.url)
        assert row.secret_digest == digest(self.secret_in(page))
        assert row.service_user_name in text_of(page)
        listed = text_of(administrator.get(f"{base}/other/"))
        assert row.service_user_name in listed
        assert f"{row.credential_id} AWS CodeCommit Active" in listed
        administrator.post(f"{one}/status/", {"status": "Inactive"})
        page = text_of(administrator.get(f"{base}/other/"))
        assert f"{row.credential_id} is inactive and refused from now on. Undo" in page
        asked = text_of(administrator.get(f"{one}/delete/"))
        assert "It is inactive: it is refused already" in asked
        assert administrator.post(f"{one}/delete/").url == f"{base}/other/"
        assert not ServiceSpecificCredential.objects.exists()

    def test_the_secret_is_shown_until_it_is_acknowledged_and_to_its_maker_alone(self, administrator, dora, make_user):
        address = self.create(administrator, DORA).url
        secret = self.secret_in(administrator.get(address))
        assert self.secret_in(administrator.get(address)) == secret
        other = Browser()
        sign_in(other, make_user("vera", allowing("*")), mfa=True)
        assert secret not in other.get(address).content.decode()
        assert administrator.post(address).url == f"{DORA}/other/"
        gone = administrator.get(address)
        assert secret not in gone.content.decode()
        assert "is not shown any more. If it is lost, reset it." in text_of(gone)
        assert not any(secret in record for record in Event.objects.values_list("record", flat=True))

    def test_the_file(self, administrator, dora):
        page = administrator.get(self.create(administrator, DORA).url)
        found = re.search(
            r'href="data:text/csv;base64,([^"]+)" download="dora_codecommit_credentials.csv"', page.content.decode()
        )
        expected = f"User Name,Password\r\ndora-at-123456789012,{self.secret_in(page)}\r\n"
        assert base64.b64decode(found[1]).decode() == expected

    def test_an_api_key_that_expires(self, administrator, dora):
        page = administrator.get(self.create(administrator, DORA, service_name=BEDROCK, credential_age_days="30").url)
        assert "the API key can be seen" in text_of(page)
        assert 'download="dora_bedrock_credentials.csv"' in page.content.decode()
        row = ServiceSpecificCredential.objects.get()
        assert timedelta(days=29) < row.expires_at - now() <= timedelta(days=30)
        assert "Expires in 30 days" in text_of(administrator.get(f"{DORA}/other/"))
        ServiceSpecificCredential.objects.update(expires_at=now() - timedelta(days=1))
        assert "Amazon Bedrock Expired" in text_of(administrator.get(f"{DORA}/other/"))
        asked = text_of(administrator.get(f"{DORA}/service-credentials/{row.credential_id}/delete/"))
        assert "It has expired: it is refused already" in asked

    def test_reset(self, administrator, dora):
        address = self.create(administrator, DORA).url
        before = self.secret_in(administrator.get(address))
        reset = address.replace("/secret/", "/reset/")
        asked = text_of(administrator.get(reset))
        assert "The present secret of dora-at-123456789012 stops working at once" in asked
        assert ServiceSpecificCredential.objects.get().secret_digest == digest(before)
        assert administrator.post(reset).url == address
        after = self.secret_in(administrator.get(address))
        assert after != before
        assert ServiceSpecificCredential.objects.get().secret_digest == digest(after)

    @pytest.mark.parametrize(
        ("typed", "field", "said"),
        [
            ({"credential_age_days": "30"}, "credential_age_days", "CredentialAgeDays is not supported for"),
            (
                {"credential_age_days": "0", "service_name": BEDROCK},
                "credential_age_days",
                "greater than or equal to 1",
            ),
            ({"credential_age_days": "x"}, "credential_age_days", "Enter a whole number"),
            ({"service_name": "s3.amazonaws.com"}, "service_name", "s3.amazonaws.com is not one of the available"),
        ],
    )
    def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(self, administrator, dora, typed, field, said):
        answer = self.create(administrator, DORA, **typed)
        assert answer.status_code == 200
        form = html_of(answer).partition('class="form"')[2]
        assert re.search(rf'id="id_{field}_error"[^§]*{re.escape(said)}', form)
        if "credential_age_days" in typed:
            assert re.search(rf'name="credential_age_days" value="{typed["credential_age_days"]}"', form)
        assert not ServiceSpecificCredential.objects.exists()

    def test_a_third_for_one_service(self, administrator, dora):
        for _ in range(2):
            self.create(administrator, DORA)
        answer = self.create(administrator, DORA)
        form = html_of(answer).partition('class="form"')[2]
        said = "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2"
        assert re.search(rf'id="id_service_name_error"[^§]*{re.escape(said)}', form)
        assert self.create(administrator, DORA, service_name=BEDROCK).status_code == 302

    def test_a_policy_for_one_service_alone(self, make_user, dora, system):
        for service in (GIT, BEDROCK):
            call("CreateServiceSpecificCredential", system, user_name="dora", service_name=service)
        document = json.loads(allowing("*ServiceSpecificCredential"))
        document["Statement"][0]["Condition"] = {"StringEquals": {"iam:ServiceSpecificCredentialServiceName": GIT}}
        document["Statement"].append(json.loads(allowing("GetUser", "ListServiceSpecificCredentials"))["Statement"][0])
        person = Browser()
        sign_in(person, make_user("vera", json.dumps(document)), mfa=True)
        git, bedrock = (
            ServiceSpecificCredential.objects.get(service=service).credential_id for service in (GIT, BEDROCK)
        )
        page = person.get(f"{DORA}/other/").content.decode()
        for act in ("status", "reset", "delete"):
            assert f"{DORA}/service-credentials/{git}/{act}/" in page
            assert f"{DORA}/service-credentials/{bedrock}/{act}/" not in page
            assert person.post(f"{DORA}/service-credentials/{bedrock}/{act}/").status_code == 403
        assert f"{DORA}/service-credentials/create/" in page
        assert person.get(f"{DORA}/service-credentials/{bedrock}/reset/").status_code == 403
        assert person.get(f"{DORA}/service-credentials/{git}/reset/").status_code == 200
        assert self.create(person, DORA).status_code == 302
        refused = self.create(person, DORA, service_name=BEDROCK, credential_age_days="44")
        assert refused.status_code == 403
        assert "is not authorized to perform: iam:CreateServiceSpecificCredential" in text_of(refused)
        assert 'value="44"' in refused.content.decode()

    def test_listing_alone(self, person_with, dora, system):
        made = call("CreateServiceSpecificCredential", system, user_name="dora", service_name=GIT)
        name = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
        person = person_with("GetUser", "ListServiceSpecificCredentials")
        page = text_of(person.get(f"{DORA}/other/"))
        assert name in page
        for word in ("Create credential", "Deactivate", "Reset…", "Delete…"):
            assert word not in page
        one = f"{DORA}/service-credentials/{name}"
        for act in ("status", "reset", "delete"):
            assert person.post(f"{one}/{act}/").status_code == 403
        assert person.get(f"{one}/reset/").status_code == 403
        assert person.get(f"{one}/delete/").status_code == 403
        assert self.create(person, DORA).status_code == 403
        assert ServiceSpecificCredential.objects.get().is_active

    def test_a_credential_of_somebody_else_is_not_found(self, administrator, dora, system):
        made = call("CreateServiceSpecificCredential", system, user_name="dora", service_name=GIT)
        name = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
        for act in ("status", "reset", "delete"):
            assert administrator.post(f"{OWN}/service-credentials/{name}/{act}/").status_code == 404
        assert ServiceSpecificCredential.objects.get().is_active

    def test_the_root_user_has_none(self, account):
        person = Browser()
        sign_in(person, User.everyone.get(is_root=True))
        assert person.get(f"{OWN}/service-credentials/create/").status_code == 404

    def test_a_fresh_factor_is_asked_for(self, person, user_with, clock):
        person.sign_in(user_with(allowing("*")))
        address = self.create(person, OWN).url
        before = ServiceSpecificCredential.objects.get().secret_digest
        clock.shift(timedelta(minutes=11))
        for act in ("reset", "status", "delete"):
            assert "Confirm that it is you" in text_of(person.post(address.replace("secret", act)))
        assert "Confirm that it is you" in text_of(self.create(person, OWN))
        assert ServiceSpecificCredential.objects.get().secret_digest == before

    def test_the_form_offers_what_the_operation_takes(self):
        offered = {name for name, _label in ServiceCredentialForm.base_fields["service_name"].choices}
        assert offered == set(SERVICES) == PASSWORD_SERVICES | KEY_SERVICES


class TestSigningCertificates:
    def send(self, person, base, body, **given):
        return person.post(f"{base}/signing-certificates/upload/", {"certificate_body": body, **given})

    @BOTH
    def test_from_upload_to_deletion(self, administrator, dora, base):
        body = certificate("someone.example.com")
        assert self.send(administrator, base, body.replace("\n", "\r\n")).url == f"{base}/other/"
        row = SigningCertificate.objects.get()
        assert row.user == owner_at(base)
        assert row.body == body.strip()
        page = text_of(administrator.get(f"{base}/other/"))
        assert f"The certificate {row.certificate_id} is uploaded." in page
        assert "CN=someone.example.com" in page
        assert "1 Jan 2120" in page
        one = f"{base}/signing-certificates/{row.certificate_id}"
        asked = text_of(administrator.get(f"{one}/delete/"))
        assert "Requests signed with its private key are no longer taken" in asked
        assert administrator.post(f"{one}/status/", {"status": "Inactive"}).url == f"{base}/other/"
        page = administrator.get(f"{base}/other/")
        assert f"{row.certificate_id} is inactive and refused from now on. Undo" in text_of(page)
        token = re.search(r'form="undo" name="token" value="(\w+)"', page.content.decode())[1]
        administrator.post(reverse("pages:undo"), {"token": token})
        assert SigningCertificate.objects.get().is_active
        assert administrator.post(f"{one}/delete/").url == f"{base}/other/"
        assert not SigningCertificate.objects.exists()

    def test_the_root_user_has_them_too(self, account):
        person, root = Browser(), User.everyone.get(is_root=True)
        sign_in(person, root)
        assert "Signing certificates None" in text_of(person.get(f"{OWN}/"))
        assert self.send(person, OWN, certificate("root")).status_code == 302
        row = SigningCertificate.objects.get()
        assert row.user_id == root.pk
        one = f"{OWN}/signing-certificates/{row.certificate_id}"
        page = person.get(f"{OWN}/other/")
        assert f"{one}/delete/" in page.content.decode()
        person.post(f"{one}/status/", {"status": "Inactive"})
        assert not SigningCertificate.objects.get().is_active
        assert person.get(f"{one}/delete/").status_code == 200
        person.post(f"{one}/delete/")
        assert not SigningCertificate.objects.exists()

    def test_what_is_wrong_stands_at_the_field_and_what_was_typed_stays(self, administrator, dora, system, settings):
        known = certificate("known")
        call("UploadSigningCertificate", system, user_name="dora", certificate_body=known)
        settings.QUOTAS = {"SigningCertificatesPerUserQuota": "1"}
        for typed, said in (
            ("", "Enter the certificate."),
            ("nonsense", "This is no single X.509 certificate in PEM encoding."),
            (known + certificate("second"), "This is no single X.509 certificate in PEM encoding."),
            (certificate("old", until=now() - timedelta(days=1)), "The certificate has expired."),
            (known, "The same certificate is already associated with an IAM user in the account."),
            (certificate("more"), "Cannot exceed quota for CertificatesPerUser: 1"),
        ):
            answer = self.send(administrator, DORA, typed)
            assert answer.status_code == 200, said
            form = html_of(answer).partition('class="form"')[2]
            assert re.search(rf'id="id_certificate_body_error"[^§]*{re.escape(said)}', form), said
            assert typed[-80:].split("\n")[0] in form
        assert SigningCertificate.objects.count() == 1
        page = html_of(administrator.get(f"{DORA}/other/"))
        assert 'aria-disabled="true" title="There is 1 already, which is the most. Delete it first."' in page

    def test_a_private_key_beside_it_is_neither_taken_nor_recorded(self, administrator, dora):
        private = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
        answer = self.send(administrator, DORA, private + certificate("both"))
        assert "This is a private key, and was not kept." in text_of(answer)
        assert "c2VjcmV0" not in answer.content.decode()
        assert not any("c2VjcmV0" in record for record in Event.objects.values_list("record", flat=True))

    def test_a_file_without_scripts(self, administrator, dora):
        file = SimpleUploadedFile("cert.pem", certificate("filed").encode())
        assert self.send(administrator, DORA, "", file=file).status_code == 302
        assert "CN=filed" in text_of(administrator.get(f"{DORA}/other/"))

    def test_validity_is_said_where_it_is_known(self, administrator, dora):
        for number, body in enumerate((certificate("old", until=now() - timedelta(days=3)), "unreadable")):
            SigningCertificate.objects.create(
                user=dora, certificate_id=f"ASCA{number:024}", body=body, fingerprint=str(number)
            )
        page = text_of(administrator.get(f"{DORA}/other/"))
        assert "CN=old 3 days ago Expired" in page
        assert "Active – –" in page
        for number in range(2):
            one = f"{DORA}/signing-certificates/ASCA{number:024}"
            assert administrator.get(f"{one}/delete/").status_code == 200
            assert administrator.post(f"{one}/delete/").status_code == 302

    def test_listing_alone(self, person_with, dora, system):
        made = call("UploadSigningCertificate", system, user_name="dora", certificate_body=certificate("dora"))
        name = made["Certificate"]["CertificateId"]
        person = person_with("GetUser", "ListSigningCertificates")
        page = text_of(person.get(f"{DORA}/other/"))
        assert name in page
        for word in ("Upload signing", "Deactivate", "Delete…", "SSH public keys"):
            assert word not in page
        for act in ("status", "delete"):
            assert person.post(f"{DORA}/signing-certificates/{name}/{act}/").status_code == 403
        assert person.get(f"{DORA}/signing-certificates/{name}/delete/").status_code == 403
        assert person.get(f"{DORA}/signing-certificates/upload/").status_code == 403
        assert self.send(person, DORA, certificate("more")).status_code == 403
        assert SigningCertificate.objects.get().is_active
        assert person.post(f"{OWN}/signing-certificates/{name}/delete/").status_code == 403
        assert person.get(f"{OWN}/signing-certificates/{name}/delete/").status_code == 404

    def test_a_fresh_factor_is_asked_for(self, person, user_with, clock):
        person.sign_in(user_with(allowing("*")))
        self.send(person, OWN, certificate("erin"))
        name = SigningCertificate.objects.get().certificate_id
        clock.shift(timedelta(minutes=11))
        for act in ("status", "delete"):
            answer = person.post(f"{OWN}/signing-certificates/{name}/{act}/", {"status": "Inactive"})
            assert "Confirm that it is you" in text_of(answer)
        assert "Confirm that it is you" in text_of(self.send(person, OWN, certificate("more")))
        assert SigningCertificate.objects.get().is_active
