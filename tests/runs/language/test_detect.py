"""Languages by their small words and scripts."""

import pytest

from runs.language.detect import NAMES, detect

SAMPLES = {
    "en": "The pump shall run as long as the tank is full, and it must stop when the valve at the "
    "end of the pipe is closed or the operator has pressed the switch.",
    "de": "Die Pumpe muss laufen, solange der Behälter voll ist, und sie muss anhalten, wenn das "
    "Ventil am Ende der Leitung geschlossen ist oder der Bediener den Schalter gedrückt "
    "hat.",
    "fr": "La pompe doit fonctionner tant que le réservoir est plein, et elle doit s'arrêter "
    "lorsque la vanne au bout de la conduite est fermée ou que l'opérateur a appuyé sur le "
    "bouton.",
    "es": "La bomba debe funcionar mientras el depósito esté lleno, y debe detenerse cuando la "
    "válvula al final de la tubería se cierre o el operador haya pulsado el botón de "
    "parada.",
    "it": "La pompa deve funzionare finché il serbatoio è pieno e deve fermarsi quando la valvola "
    "alla fine del tubo è chiusa o quando l'operatore ha premuto il pulsante di arresto "
    "della pompa.",
    "pt": "A bomba deve funcionar enquanto o reservatório está cheio e não deve parar quando a "
    "válvula no fim do tubo é fechada ou quando o operador tem o botão de paragem na sua "
    "mão.",
    "nl": "De pomp moet draaien zolang het reservoir vol is en moet stoppen wanneer de klep aan "
    "het eind van de leiding gesloten is of de bediener op de schakelaar heeft gedrukt.",
    "pl": "Pompa musi pracować, dopóki zbiornik jest pełny, i musi się zatrzymać, jeżeli zawór na "
    "końcu rury jest zamknięty lub operator nie nacisnął na wyłącznik do tego czasu.",
    "sv": "Pumpen ska gå så länge tanken är full och den måste stanna när ventilen i slutet av "
    "röret är stängd eller när operatören har tryckt på knappen som finns vid dörren.",
    "ru": "Насос должен работать, пока бак полон, и должен остановиться, когда клапан закрыт.",
    "el": "Η αντλία πρέπει να λειτουργεί όσο η δεξαμενή είναι γεμάτη και να σταματά.",
    "ar": "يجب أن تعمل المضخة طالما أن الخزان ممتلئ ويجب أن تتوقف عند إغلاق الصمام.",
    "zh": "只要水箱是满的，水泵就应运行，当阀门关闭时必须停止。",
    "ja": "タンクが満杯である限り、ポンプは作動しなければならない。",
    "ko": "탱크가 가득 차 있는 동안 펌프는 작동해야 하며 밸브가 닫히면 멈춰야 한다.",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_languages(language: str) -> None:
    assert detect(SAMPLES[language]) == language
    assert language in NAMES


@pytest.mark.parametrize(
    "text", ["", "Pump", "The pump shall run.", "1 2 3 4 5 " * 40, "PUMP VALVE " * 40]
)
def test_unsure(text: str) -> None:
    assert detect(text) == ""


def test_the_whole_of_a_long_text_is_looked_at() -> None:
    assert detect(SAMPLES["en"] + SAMPLES["de"] * 2_000) == "de"


def test_terse_english_with_foreign_names_is_english() -> None:
    text = "The ETCS shall supply the Deutsche Bahn and the SNCF with data of the DMI. (M) " * 3
    assert detect(text) == "en"
