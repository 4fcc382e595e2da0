"""How the products name their columns, in the languages that are met, and how two spellings are compared."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_CAMEL = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EMAIL = re.compile(r"\be[\W_]*mails?\b")
# Accents of Latin, Greek and Cyrillic letters and the Devanagari nukta, which people type or leave out.
_ACCENTS = re.compile("[\u0300-\u036f\u093c]")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0900-\u0963\u200c\u200d\u3099\u309a])*")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Field -> names, best first: a name in an earlier line wins over one in a later.
NAMES: Final[dict[str, tuple[str, ...]]] = {
    "email": (
        "email|email address|email id|email addr|emailid|primary email|primary email address|main email|"
        "mail address|"
        "email value|person email|contact email|adresse email|adresse mail|adresse electronique|courriel|"
        "mel|"
        "adresse de messagerie|adresse courriel|adresse de courriel|adresse e mail|courrier electronique|"
        "ईमेल|ईमेल पता|ई-मेल|मेल|email adresse|emailadresse|e mail adresse|mailadresse|correo|"
        "correo electronico|direccion de correo|direccion de correo electronico|direccion email|correo e|"
        "endereco de email|email principal|e-mail principal|correio eletronico|indirizzo email|"
        "indirizzo mail|"
        "posta elettronica|indirizzo di posta elettronica|emailadres|e-mailadres|epost|e-post|epostadress|"
        "e-postadress|epostadresse|sahkoposti|sahkopostiosoite|eposta|e-posta|adres email|adres e-mail|"
        "電子メール|電子メールアドレス|メールアドレス|メール|eメール|邮箱|电子邮箱|电子邮件|邮件|邮箱地址|"
        "電郵|電子郵件|郵箱|信箱|"
        "이메일|이메일 주소|메일|электронная почта|почта|эл почта|адрес электронной почты|емейл|имейл|"
        "емайл|"
        "البريد الالكتروني|البريد الإلكتروني|אימייל|דואר אלקטרוני|ηλεκτρονικο ταχυδρομειο|อีเมล",
        "mail|messagerie|work email|business email|email work|professional email|office email|"
        "corporate email|"
        "email professionnel|email pro|user email|email perso|email personnel",
        "home email|personal email|email home|private email|email privat|email prive",
        "other email|email other|secondary email|alternate email|alternative email|additional emails?|"
        "second email|"
        "email secondaire|autre email|adresse de messagerie secondaire",
    ),
    "firstName": (
        "first name|first names|firstname|fname|given name|given names|forename|first|n given|prenom|"
        "prenoms|prénom|"
        "प्रथम नाम|पहला नाम|vorname|rufname|nombre de pila|primer nombre|primeiro nome|nome proprio|"
        "nome di battesimo|"
        "voornaam|fornamn|fornavn|etunimi|imie|имя|jmeno|krestni jmeno|keresztnev|prenume|ad|"
        "名|名前 名|下の名前|名字 名|이름 명|الاسم الاول|الاسم الأول|שם פרטי|ονομα|ชื่อ",
        "preferred name|preferred first name|middle first name|contact first name|billing first name|firstname1",
    ),
    "lastName": (
        "last name|last names|lastname|lname|surname|family name|familyname|last|n family|second name|"
        "nom de famille|nom famille|उपनाम|अंतिम नाम|कुलनाम|nachname|familienname|zuname|apellido|apellidos|"
        "primer apellido|sobrenome|apelido|ultimo nome|cognome|achternaam|familienaam|efternamn|efternavn|"
        "etternavn|"
        "sukunimi|nazwisko|фамилия|prijmeni|priezvisko|vezeteknev|soyad|姓|苗字|名字 姓|성|اسم العائلة|"
        "שם משפחה|επωνυμο|นามสกุล",
        "billing last name|contact last name",
    ),
    "fullName": (
        "full name|fullname|display name|contact name|person name|complete name|name in full|nom complet|"
        "nom et prenom|nom prenom|prenom et nom|prenom nom|nom affiche|पूरा नाम|vollstandiger name|"
        "angezeigter name|vor und nachname|anzeigename|nombre completo|nombre y apellidos|"
        "nombre y apellido|"
        "nome completo|nome e cognome|volledige naam|fullstandigt namn|koko nimi|imie i nazwisko|фио|"
        "полное имя|"
        "氏名|お名前|名前|姓名|名字|全名|联系人|聯絡人|联系人姓名|姓名 全|성명|이름|الاسم الكامل|الاسم|"
        "שם מלא|ονοματεπωνυμο|ชื่อ นามสกุล",
        "name|names|nom|नाम|nombre|nome|naam|namn|navn|nimi|nazwa|jmeno a prijmeni|שם|имя фамилия",
        "customer name|client name|lead name|lead full name|member name|user name full|subscriber name|"
        "prospect name|recipient name|attendee name|student name|guest name|nom du contact|nom du client",
        "billing name",
        "shipping name|lead|contact|contact person|ansprechpartner|interlocuteur|contacto",
    ),
    "company": (
        "company|company name|companyname|organization|organisation|organization name|organisation name|"
        "org name|org|"
        "business name|employer|account name|current company|company org|company organization|firm|"
        "societe|entreprise|nom de la societe|nom de lentreprise|nom entreprise|raison sociale|organisme|"
        "etablissement|"
        "कंपनी|कम्पनी|कंपनी का नाम|संगठन|संस्था|firma|firmenname|unternehmen|organisation name|betrieb|"
        "empresa|compania|nombre de la empresa|organizacion|razon social|nome da empresa|organizacao|"
        "azienda|"
        "nome azienda|societa|ragione sociale|ditta|organizzazione|bedrijf|bedrijfsnaam|organisatie|"
        "foretag|"
        "foretagsnamn|virksomhed|yritys|компания|организация|название компании|spolecnost|sirket|ceg|"
        "cegnev|"
        "会社|会社名|企業名|勤務先|法人名|公司|公司名称|单位|單位|企业|회사|회사명|الشركة|חברה|εταιρεια|"
        "บริษัท",
        "billing company|work company|current employer|lead company|customer company|employer name",
        "account|shipping company|business|companies",
    ),
    "jobTitle": (
        "job title|jobtitle|position|designation|job position|job|organization title|work title|"
        "professional title|"
        "current position|current title|person title|contact title|job role|role title|function title|"
        "fonction|poste|intitule du poste|intitule de poste|poste occupe|पद|पदनाम|जॉब टाइटल|position title|"
        "funktion|berufsbezeichnung|stellenbezeichnung|stelle|cargo|puesto|puesto de trabajo|ruolo|"
        "posizione|"
        "qualifica|mansione|funcao|functie|functietitel|befattning|stilling|tehtavanimike|stanowisko|"
        "должность|pozice|"
        "役職|肩書き|肩書|職位|职位|职务|職務|職稱|职称|직책|직위|직함|المسمى الوظيفي|תפקיד|θεση|ตำแหน่ง",
        "occupation|profession|beruf|metier|profesion|profissao|professione|beroep|yrke|職業|职业|व्यवसाय|headline",
        "title|titre|titel|titulo|titolo",
        "role|rolle",
    ),
    "phone": (
        "phone|phone number|phone no|telephone|telephone number|tel|phone value|primary phone|main phone|"
        "contact number|"
        "contact no|contact phone|ph|ph no|phonenumber|phones phone|numero de telephone|numero|"
        "no de telephone|"
        "फ़ोन|फ़ोन नंबर|दूरभाष|संपर्क नंबर|telefon|telefonnummer|telefono|numero de telefono|telefone|"
        "numero di telefono|telefoon|telefoonnummer|puhelin|puhelinnumero|телефон|номер телефона|"
        "電話|電話番号|tel番号|电话|电话号码|電話號碼|联系电话|聯絡電話|전화|전화번호|الهاتف|رقم الهاتف|"
        "טלפון|τηλεφωνο|โทรศัพท์",
        "mobile|mobile phone|mobile number|mobile no|cell|cell phone|cellphone|cell number|cellular|gsm|"
        "handy|sms|portable|"
        "tel mobile|telephone mobile|telephone portable|tel portable|मोबाइल|मोबाइल नंबर|mobil|"
        "mobiltelefon|mobilnummer|"
        "movil|telefono movil|celular|telemovel|cellulare|mobiel|mobieltje|matkapuhelin|telefon komorkowy|"
        "мобильный|"
        "携帯|携帯電話|携帯番号|携帯電話番号|手机|手机号|手机号码|手機|휴대폰|핸드폰|휴대전화|"
        "business phone|work phone|office phone|work number|direct phone|direct line|work direct phone",
        "whatsapp|whatsapp no|whatsapp number|home phone|billing phone|personal phone|home number|व्हाट्सएप",
        "other phone|shipping phone|company phone|corporate phone|secondary phone|alternate phone|contact",
    ),
    "website": (
        "website|web site|web|web page|webpage|homepage|home page|website url|web address|web url|"
        "website value|url|"
        "company website|business website|organization website|site web|site internet|site|page web|"
        "adresse web|"
        "वेबसाइट|वेब साइट|webseite|webadresse|internetseite|internet|sitio web|pagina web|sitio|sito web|"
        "sito|"
        "sito internet|pagina da web|hemsida|webbplats|webbsida|hjemmeside|strona internetowa|strona www|"
        "www|сайт|вебсайт|"
        "ウェブサイト|ホームページ|网站|网址|網站|網址|웹사이트|홈페이지|الموقع الإلكتروني|אתר|ιστοσελιδα|"
        "เว็บไซต์",
        "personal website|website work|website home page|website home|person website|company url|domain|company domain",
    ),
    "notes": (
        "notes|note|comments|comment|remarks|remark|public notes|misc notes|contact notes|"
        "notes and comments|crm note|"
        "remarques|remarque|commentaires|commentaire|observations|टिप्पणी|टिप्पणियाँ|नोट|नोट्स|notizen|"
        "notiz|"
        "bemerkung|bemerkungen|anmerkung|anmerkungen|kommentar|kommentare|notas|nota|observaciones|"
        "comentarios|observacoes|"
        "annotazioni|appunti|commenti|opmerkingen|opmerking|notities|anteckningar|anteckning|noter|"
        "muistiinpanot|uwagi|"
        "notatki|примечание|примечания|комментарий|заметки|poznamka|poznamky|"
        "備考|メモ|コメント|备注|備註|说明|메모|비고|ملاحظات|הערות|σημειωσεις|หมายเหตุ",
        "private notes|internal notes|description|additional info|additional information|memo",
    ),
    "tags": (
        "tags|tag|labels|label|keywords|etiquettes|etiquette|mots cles|libelles|टैग|टैग्स|schlagworte|"
        "schlagwort|"
        "schlagworter|etiketten|etikett|etiquetas|etiqueta|etichette|labels tags|taggar|tagi|теги|метки|"
        "stitky|"
        "タグ|ラベル|标签|標籤|태그|contact tags|categories|categories tags|kategorien|categorias|"
        "categorie|kategorier|"
        "categorieen|категории|分類|类别|カテゴリ",
    ),
    "groups": (
        "groups|group|group membership|groups label|lists|list|list name|contact list|segment|segments|"
        "category|"
        "groupes|groupe|liste|listes|समूह|सूची|gruppe|gruppen|grupo|grupos|lista|listas|gruppo|gruppi|"
        "groep|groepen|"
        "grupp|grupper|ryhma|grupa|grupy|группа|группы|グループ|分组|群組|组|그룹",
    ),
    "stage": (
        "stage|pipeline stage|lead stage|deal stage|sales stage|contact stage|etape|etape du pipeline|चरण|"
        "stufe|phase|"
        "etapa|fase|ステージ|阶段",
    ),
    "status": (
        "status|subscription status|email status|subscriber status|contact status|mailing status|"
        "marketing status|"
        "email suppressions|suppressions|suppression|unsubscribe reason|statut|statut dabonnement|स्थिति|"
        "abonnementstatus|estado|stato|situacao|статус|ステータス|状态|狀態|상태",
    ),
    "optOut": (
        "opt out|optout|opted out|has opted out|email opt out|emailoptout|has opted out of email|"
        "opted out of email|"
        "unsubscribed|unsubscribe|is unsubscribed|unsubscribed from all email|unsubscribed from emails|"
        "unsub time|"
        "unsubscribed at|unsubscribe date|unsubscribed on|do not email|do not contact|do not mail|"
        "donotemail|dnc|"
        "do not bulk email|email disabled|email blacklisted|blacklisted|blocklisted|blocked|suppressed|"
        "bounced|"
        "hard bounced|is bounced|email bounced|desinscrit|desabonne|desinscription|ne pas contacter|"
        "opposition|"
        "ne pas envoyer demail|सदस्यता समाप्त|सदस्यता रद्द|abgemeldet|abbestellt|nicht kontaktieren|"
        "widerspruch|"
        "baja|dado de baja|no contactar|cancelado|descadastrado|disiscritto|disiscrizione|uitgeschreven|"
        "afgemeld|"
        "avregistrerad|avprenumererad|отписан|отписался|配信停止|退订|已退订|수신거부",
    ),
    "optIn": (
        "opt in|optin|email opt in|opted in|marketing opt in|subscribed|is subscribed|email subscribed|"
        "newsletter|"
        "accepts marketing|accepts email marketing|email marketing consent|marketing consent|"
        "email consent|consent|"
        "receives emails|agreed to marketing|marketing permission|abonne|inscrit|consentement|"
        "einwilligung|abonniert|"
        "suscrito|inscrito|iscritto|consenso|ingeschreven|सहमति",
    ),
}

#: Words that tell of the contact itself and may stand before any name: "Person - Email", "Billing Phone".
WHOSE: Final = _set(
    "contact contacts person people lead leads customer client clients user member subscriber prospect "
    "recipient attendee "
    "primary main default principal current your my billing guest student visitor registrant participant "
    "donor "
    "kunde kunden kontakt cliente klant"
)
#: The same, for what is used where there is nothing better.
SECOND: Final = _set(
    "other others secondary second alternate alternative additional backup old former shipping delivery "
    "autre andere "
    "altre otro weitere"
)
EMAIL_WORDS: Final = _set(
    "email emails mail mails courriel courriels messagerie correo epost emailid emailaddress emailadresse ईमेल मेल"
)
EMAIL_PARTS: Final = ("メール", "邮箱", "邮件", "郵件", "電郵", "郵箱", "이메일", "почт")
PHONE_WORDS: Final = _set(
    "phone phones telephone tel mobile cell cellphone whatsapp telefon telefono telefone telefoon mobil "
    "mobiltelefon "
    "handy movil celular cellulare mobiel portable फोन मोबाइल"
)
PHONE_PARTS: Final = ("電話", "电话", "手机", "手機", "携帯", "전화", "телефон")

#: Words that make a column another person's, whatever else its name and values are.
OTHER_PEOPLE: Final = _set(
    "owner owners manager managers assistant assistants supervisor spouse "
    "partner parent parents father mother dad dads mom moms emergency "
    "referrer referral referred assigned assignee sales rep salesperson agent recruiter creator author "
    "created "
    "modified updated sender from reply boss colleague volunteers reports secretary "
    "besitzer assistent assistentin responsable proprietaire assistante commercial"
)
#: Words that make a column another thing than an address, a phone number and so on.
TRAPS: Final = OTHER_PEOPLE | _set(
    "type typ tipo status state valid validity verified verification catch confidence score rating count "
    "total "
    "date time timestamp at on day year month last_sent sent opened clicked open click activity "
    "consent opt optin optout subscription subscribed unsubscribed marketing suppression suppressions "
    "newsletter "
    "preference preferences frequency format template subject body provider service server client_id "
    "domain host "
    "hash md5 sha encoding language locale label kind "
    "fax telecopie telefax telecopieur pager car video extension ext country code carrier "
    "ad adset campaign form file product lineitem item event project source platform page plan tier "
    "street city zip postal region address_line yomi phonetic kana カタカナ フリガナ ふりがな カナ かな "
    "angezeigter "
    "linkedin facebook twitter instagram skype github username login password user_id count ip"
)

_OTHER_LABELS: Final = _set(
    "id uid uuid index no nr number num key ref reference record external internal customer user address "
    "addresses adresse "
    "adresses street city state zip zipcode zip_code postal postcode plz ort stadt strasse str country "
    "land region "
    "province county location ville pays rue code postale cp departement dep hausnummer "
    "birthday birthdate birth dob geburtsdatum naissance gender sex age salutation anrede civilite prefix "
    "suffix middle "
    "nickname initials department abteilung service industry sector language locale timezone tz currency "
    "date time created updated modified at on by when timestamp created_at started ended connected "
    "source campaign medium content term form ad adset platform channel owner manager assistant team "
    "sales rep "
    "lifecycle stage status tier plan score points rating rank level type kind value label priority "
    "twitter facebook linkedin instagram skype github url avatar photo image picture "
    "balance amount total subtotal tax taxes price quantity discount vat iban account bank credit limit "
    "payment terms "
    "fax pager mobile home work business office other personal primary secondary main alternate private "
    "email mail phone tel telephone name first last given family full middle company organization title "
    "job website web notes "
    "note comments tags groups list lists data attributes custom field extra details info information "
    "description subject "
    "body isbn sku product item order invoice active enabled activated role username login password years "
    "project "
    "birth_date straße hobby remark remarks interested "
    "連番 性別 年齢 生年月日 住所 郵便番号 出身地 血液型 地址 城市 性别 生日 日期 编号 序号"
)


def folded(header: str) -> str:
    """A header without case, accents, camelCase and the hyphen of e-mail; its words apart."""
    text = unicodedata.normalize("NFKD", _CAMEL.sub(" ", header)).casefold()
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", text)).replace("'", "").replace("’", "")
    return _EMAIL.sub("email", text.replace("_", " "))


@lru_cache(maxsize=4096)
def words(header: str) -> tuple[str, ...]:
    """The words of a header, folded, without digits and punctuation."""
    return tuple(_WORD.findall(folded(header)))


def compact(header: str) -> str:
    """The form in which names are compared: "E-mail 1 - Value", "email_value" and "emailValue" are one."""
    return "".join(words(header))


def _table() -> dict[str, dict[str, int]]:
    """Compact name -> field -> rank, 0 the best. A few names mean several fields ("contact": a person, a "
    "phone)."""
    table: dict[str, dict[str, int]] = {}
    for field, ranks in NAMES.items():
        for rank, alternatives in enumerate(ranks):
            for name in alternatives.split("|"):
                table.setdefault(compact(name), {}).setdefault(field, rank)
    table.pop("", None)
    return table


EXACT: Final = _table()


def is_label(cell: str) -> bool:
    """Whether a cell is a column name we know, or made of words that only column names are made of."""
    if not cell or len(cell) > 80:
        return False
    found = words(cell)
    return bool(found) and ("".join(found) in EXACT or all(w in _OTHER_LABELS or w in WHOSE for w in found))
