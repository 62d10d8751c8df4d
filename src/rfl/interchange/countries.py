"""Countries as lists name them: ISO 3166-1 codes, English and French names, nationalities.

Codes are those of ISO 3166-1 and, of the user-assigned ones, `XK`. A word that stands for two
countries, as "Congo" or "Dominican" alone, is given to neither.
"""

import unicodedata

_COUNTRIES = """
AD AND Andorra|Andorre; AE ARE United Arab Emirates|Emirats Arabes Unis; AF AFG
Afghanistan|Afghan; AG ATG Antigua and Barbuda|Antigua et Barbuda; AI AIA Anguilla; AL ALB
Albania|Albanie|Albanian; AM ARM Armenia|Arménie|Armenian; AO AGO Angola|Angolan; AQ ATA
Antarctica|Antarctique; AR ARG Argentina|Argentine|Argentinian; AS ASM American
Samoa|Samoa américaines; AT AUT Austria|Autriche|Austrian; AU AUS Australia|Australie|Australian;
AW ABW Aruba; AX ALA Åland Islands|Îles Åland; AZ AZE Azerbaijan|Azerbaïdjan|Azerbaijani; BA BIH
Bosnia and Herzegovina|Bosnie-Herzégovine|Bosnia|Bosnian; BB BRB Barbados|Barbade; BD BGD
Bangladesh|Bangladeshi; BE BEL Belgium|Belgique|Belgian; BF BFA Burkina Faso|Burkinabe; BG BGR
Bulgaria|Bulgarie|Bulgarian; BH BHR Bahrain|Bahreïn; BI BDI Burundi|Burundian; BJ BEN Benin; BL
BLM Saint Barthélemy|Saint-Barthélemy; BM BMU Bermuda|Bermudes; BN BRN Brunei; BO BOL
Bolivia|Bolivie|Bolivian; BQ BES Bonaire, Sint Eustatius and Saba|Bonaire, Saint-Eustache et Saba;
BR BRA Brazil|Brésil|Brazilian; BS BHS Bahamas; BT BTN Bhutan|Bhoutan; BV BVT Bouvet Island|Île
Bouvet; BW BWA Botswana; BY BLR Belarus|Biélo-Russie|Belarusian; BZ BLZ Belize|Bélize; CA CAN
Canada|Canadian; CC CCK Cocos Islands|Îles Cocos; CD COD République démocratique du Congo|DRC|DR
Congo|Democratic Republic of the Congo; CF CAF Central African Republic|République
Centre-Africaine|Central African; CG COG Republic of the Congo|Congo-Brazzaville; CH CHE
Switzerland|Suisse|Swiss; CI CIV Côte d'Ivoire|Ivory Coast|Ivorian; CK COK Cook Islands|Îles Cook;
CL CHL Chile|Chili|Chilean; CM CMR Cameroon|Cameroun|Cameroonian; CN CHN China|Chine|Chinese; CO
COL Colombia|Colombie|Colombian; CR CRI Costa Rica; CU CUB Cuba|Cuban; CV CPV Cape Verde|Cap
Vert|Cabo Verde; CW CUW Curaçao; CX CXR Christmas Island|Île Christmas; CY CYP Cyprus|Chypre; CZ
CZE Czech Republic|République Tchèque|Czechia|Czech; DE DEU Germany|Allemagne|German; DJ DJI
Djibouti; DK DNK Denmark|Danemark|Danish; DM DMA Dominica|Dominique; DO DOM Dominican
Republic|République Dominicaine; DZ DZA Algeria|Algérie|Algerian; EC ECU
Ecuador|Equateur|Ecuadorian; EE EST Estonia|Estonie; EG EGY Egypt|Egypte|Egyptian; EH ESH Western
Sahara|Sahara Occidental; ER ERI Eritrea|Erythrée|Eritrean; ES ESP Spain|Espagne|Spanish; ET ETH
Ethiopia|Ethiopie|Ethiopian; FI FIN Finland|Finlande|Finnish; FJ FJI Fiji|Fidji; FK FLK Falkland
Islands|Îles Malouines; FM FSM Micronesia|Micronésie; FO FRO Faroe Islands|Îles Féroé; FR FRA
France|French; GA GAB Gabon; GB GBR United Kingdom|Royaume-Uni|UK|Great Britain|British; GD GRD
Grenada|Grenade; GE GEO Georgia|Géorgie|Georgian; GF GUF French Guiana|Guyane française; GG GGY
Guernsey|Guernesey; GH GHA Ghana|Ghanaian; GI GIB Gibraltar; GL GRL Greenland|Groenland; GM GMB
Gambia|Gambie|The Gambia|Gambian; GN GIN Guinea|Guinée|Guinean; GP GLP Guadeloupe; GQ GNQ
Equatorial Guinea|Guinée Equatoriale; GR GRC Greece|Grèce|Greek; GS SGS South Georgia and the
South Sandwich Islands|Géorgie du Sud et îles Sandwich du Sud; GT GTM Guatemala|Guatemalan; GU GUM
Guam; GW GNB Guinea-Bissau|Guinée-Bissau; GY GUY Guyana; HK HKG Hong Kong|Hong-Kong; HM HMD Heard
Island and McDonald Islands|Île Heard et îles McDonald; HN HND Honduras|Honduran; HR HRV
Croatia|Croatie|Croatian; HT HTI Haiti|Haïti|Haitian; HU HUN Hungary|Hongrie|Hungarian; ID IDN
Indonesia|Indonésie|Indonesian; IE IRL Ireland|Irlande; IL ISR Israel|Israël|Israeli; IM IMN Isle
of Man|Ile de Man; IN IND India|Inde|Indian; IO IOT British Indian Ocean Territory|Territoires
britanniques de l'Océan Indien; IQ IRQ Iraq|Irak|Iraqi; IR IRN Iran|Islamic Republic of
Iran|Iranian; IS ISL Iceland|Islande; IT ITA Italy|Italie|Italian; JE JEY Jersey; JM JAM
Jamaica|Jamaïque; JO JOR Jordan|Jordanie|Jordanian; JP JPN Japan|Japon|Japanese; KE KEN
Kenya|Kenyan; KG KGZ Kyrgyzstan|Kyrgyz; KH KHM Cambodia|Cambodge|Cambodian; KI KIR Kiribati; KM
COM Comoros|Comores; KN KNA Saint Kitts and Nevis|Saint-Christophe-et-Niévès; KP PRK North
Korea|Corée du Nord|Democratic People's Republic of Korea; KR KOR South Korea|Corée du
Sud|Republic of Korea; KW KWT Kuwait|Koweit|Kuwaiti; KY CYM Cayman Islands|Îles Caïmans; KZ KAZ
Kazakhstan|Kazakh; LA LAO Laos|Lao; LB LBN Lebanon|Liban|Lebanese; LC LCA Saint
Lucia|Sainte-Lucie; LI LIE Liechtenstein; LK LKA Sri Lanka|Sri Lankan; LR LBR Liberia|Liberian; LS
LSO Lesotho; LT LTU Lithuania|Lithuanie; LU LUX Luxembourg; LV LVA Latvia|Lettonie; LY LBY
Libya|Libye|Libyan; MA MAR Morocco|Maroc|Moroccan; MC MCO Monaco; MD MDA
Moldova|Moldavie|Moldovan; ME MNE Montenegro|Monténégro|Montenegrin; MF MAF Saint
Martin|Saint-Martin; MG MDG Madagascar; MH MHL Marshall Islands|Îles Marshall; MK MKD
Macedonia|Macédoine|North Macedonia|Macédoine du Nord|Macedonian; ML MLI Mali|Malian; MM MMR
Myanmar|Burma|Burmese; MN MNG Mongolia|Mongolie; MO MAC Macao; MP MNP Northern Mariana
Islands|Îles Mariannes du Nord; MQ MTQ Martinique; MR MRT Mauritania|Mauritanie|Mauritanian; MS
MSR Montserrat; MT MLT Malta|Malte; MU MUS Mauritius|Maurice; MV MDV Maldives; MW MWI Malawi; MX
MEX Mexico|Mexique|Mexican; MY MYS Malaysia|Malaisie|Malaysian; MZ MOZ Mozambique|Mozambican; NA
NAM Namibia|Namibie; NC NCL New Caledonia|Nouvelle-Calédonie; NE NER Niger|Nigerien; NF NFK
Norfolk Island|Île Norfolk; NG NGA Nigeria|Nigéria|Nigerian; NI NIC Nicaragua|Nicaraguan; NL NLD
Netherlands|Pays-Bas|Dutch; NO NOR Norway|Norvège|Norwegian; NP NPL Nepal|Népal|Nepali|Nepalese;
NR NRU Nauru; NU NIU Niue; NZ NZL New Zealand|Nouvelle-Zélande; OM OMN Oman; PA PAN Panama; PE PER
Peru|Pérou|Peruvian; PF PYF French Polynesia|Polynésie Française; PG PNG Papua New
Guinea|Papouasie-Nouvelle-Guinée; PH PHL Philippines|Filipino; PK PAK Pakistan|Pakistani; PL POL
Poland|Pologne|Polish; PM SPM Saint Pierre and Miquelon|Saint-Pierre-et-Miquelon; PN PCN Pitcairn;
PR PRI Puerto Rico|Porto Rico; PS PSE Palestine|State of Palestine|Palestinian; PT PRT
Portugal|Portuguese; PW PLW Palau|Belau; PY PRY Paraguay; QA QAT Qatar; RE REU Reunion|La Réunion;
RO ROU Romania|Roumanie|Romanian; RS SRB Serbia|Serbie|Serbian; RU RUS Russia|Russie|Russian
Federation|Russian; RW RWA Rwanda|Rwandan; SA SAU Saudi Arabia|Arabie Saoudite|Saudi; SB SLB
Solomon Islands|Îles Salomon; SC SYC Seychelles; SD SDN Sudan|Soudan|Sudanese; SE SWE
Sweden|Suède|Swedish; SG SGP Singapore|Singapour; SH SHN Saint Helena|Sainte-Hélène; SI SVN
Slovenia|Slovénie|Slovenian; SJ SJM Svalbard and Jan Mayen|Svalbard et Jan Mayen; SK SVK
Slovakia|Slovaquie|Slovak; SL SLE Sierra Leone|Sierra Leonean; SM SMR San Marino|Saint-Marin; SN
SEN Senegal|Sénégal|Senegalese; SO SOM Somalia|Somalie|Somali; SR SUR Suriname; SS SSD South
Sudan|Sud-Soudan|South Sudanese; ST STP Sao Tome and Principe|Sao Tomé et Principe; SV SLV El
Salvador|Salvadoran; SX SXM Sint Maarten (Dutch part)|Saint-Martin (partie néerlandaise); SY SYR
Syria|Syrie|Syrian Arab Republic|Syrian; SZ SWZ Swaziland|Eswatini; TC TCA Turks and Caicos
Islands|Îles Turks et Caicos; TD TCD Chad|Tchad|Chadian; TF ATF French Southern
Territories|Territoires Français du Sud; TG TGO Togo|Togolese; TH THA Thailand|Thaïlande|Thai; TJ
TJK Tajikistan|Tadjikistan|Tajik; TK TKL Tokelau; TL TLS Timor-Leste|East Timor; TM TKM
Turkmenistan|Turkménistan|Turkmen; TN TUN Tunisia|Tunisie|Tunisian; TO TON Tonga; TR TUR
Turkey|Turquie|Türkiye|Turkish; TT TTO Trinidad and Tobago|Trinité-et-Tobago; TV TUV Tuvalu; TW
TWN Taiwan; TZ TZA Tanzania|Tanzanie|Tanzanian; UA UKR Ukraine|Ukrainian; UG UGA
Uganda|Ouganda|Ugandan; UM UMI United States Minor Outlying Islands|Dépendances américaines du
Pacifique; US USA United States|Etats-Unis|USA|United States of America|American; UY URY Uruguay;
UZ UZB Uzbekistan|Ouzbékistan|Uzbek; VA VAT Vatican; VC VCT Saint Vincent and the
Grenadines|Saint-Vincent-et-les Grenadines; VE VEN Venezuela|Vénézuela|Venezuelan; VG VGB British
Virgin Islands|Iles Vierges Britanniques; VI VIR U.S. Virgin Islands|Iles Vierges Américaines; VN
VNM Vietnam|Viet Nam|Vietnamese; VU VUT Vanuatu; WF WLF Wallis and Futuna|Wallis-et-Futuna; WS WSM
Samoa; XK XKX Kosovo|Kosovar; YE YEM Yemen|Yémen|Yemeni; YT MYT Mayotte; ZA ZAF South
Africa|Afrique du Sud|South African; ZM ZMB Zambia|Zambie|Zambian; ZW ZWE Zimbabwe|Zimbabwean
"""


def country_code(text: str) -> str | None:
    """Return the two letters of the country that a text names, or None if it names none."""
    return _CODES.get(text) or _CODES.get(_folded(text))


def _folded(text: str) -> str:
    """Return text without case, accents, punctuation or double spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (ch if ch.isalnum() else " " for ch in plain if not unicodedata.combining(ch))
    return " ".join("".join(letters).split())


def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for entry in " ".join(_COUNTRIES.split()).split("; "):
        two, three, names = entry.split(" ", 2)
        codes |= {_folded(word): two for word in (two, three, *names.split("|"))}
        codes[two] = two
    return codes


_CODES = _codes()
