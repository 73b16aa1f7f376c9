"""Other forms of one name: further romanisations, own letters and scripts, and names never written down.

A name that reached these letters from another alphabet, or lost its accents, is spelt in several ways by
the same person and their family. The forms are commonplace, and nobody's list.
"""

from __future__ import annotations

import numpy as np

LATIN = {
    "Mohammed": "Muhammad Mohamed Mohammad Muhammed Mohamad", "Muhammad": "Mohammed Mohamed Mohammad",
    "Mohamed": "Mohammed Muhammad Maxamed", "Ahmed": "Ahmad Ahmet Achmed", "Hassan": "Hasan Hassaan",
    "Hussain": "Hussein Husain Hossain Hussien", "Hussein": "Hussain Husein Hossein",
    "Fatima": "Fatimah Fathima Fatema Fatma", "Aisha": "Ayesha Aysha Aishah", "Ayesha": "Aisha Aysha",
    "Zainab": "Zaynab Zeinab Zeynep", "Maryam": "Mariam Meryem Miriam", "Khadija": "Khadijah Khatija",
    "Usman": "Uthman Osman Othman", "Omar": "Umar Omer", "Yusuf": "Yousef Youssef Yousuf Yusuff",
    "Ibrahim": "Ebrahim Ibraheem", "Tariq": "Tarik Tareq", "Imran": "Emran Imraan", "Kamran": "Kamraan",
    "Bilal": "Belal Bilaal", "Zahid": "Zaheed", "Nadeem": "Nadim", "Shahid": "Shaheed",
    "Chowdhury": "Choudhury Chaudhry Choudhary Chaudhuri", "Choudhury": "Chowdhury Chaudhry Choudry",
    "Rahman": "Rehman Rahmaan", "Sheikh": "Shaikh Sheik Cheikh", "Siddiqui": "Siddiqi Siddique",
    "Qureshi": "Quraishi Koreshi", "Uddin": "Udin Ud-Din", "Miah": "Mia Meah", "Malik": "Malick Maalik",
    "Mahmood": "Mehmood Mahmud", "Akhtar": "Akhter Aktar", "Begum": "Begam", "Khan": "Kahn",
    "Singh": "Sing", "Joshi": "Joshee", "Harpreet": "Harprit", "Gurpreet": "Gurprit",
    "Abdul": "Abdool Abdal", "Mohamed-Ali": "Mohammed-Ali", "Adebayo": "Adebayor", "Okafor": "Okafo",
    "Piotr": "Peter", "Wojciech": "Voytek", "Andrei": "Andrey Andriy", "Dmitri": "Dmitry Dmytro Dimitri",
    "Sergei": "Sergey Serhiy", "Svetlana": "Svitlana", "Olga": "Olha", "Irina": "Iryna", "Elena": "Olena",
    "Ivanov": "Ivanow", "Petrov": "Petrow", "Alexandru": "Aleksandru", "Katarzyna": "Katarina",
    "Layla": "Leila Laila", "Leila": "Layla Laila", "Yasmin": "Yasmeen Jasmin", "Noor": "Nour Nur",
    "Reza": "Riza", "Mehdi": "Mahdi", "Mustafa": "Mostafa Moustafa", "Mahmoud": "Mahmud",
    "Wong": "Wang Huang", "Chan": "Chen", "Li": "Lee", "Zhang": "Cheung Chang", "Liu": "Lau Lew",
    "Nguyen": "Nguyan", "Xin": "Hsin", "Jian": "Chien", "Wei": "Wai",
}  # fmt: skip
OWN = {
    "Lukasz": "Łukasz", "Malgorzata": "Małgorzata", "Pawel": "Paweł", "Michal": "Michał",
    "Wojcik": "Wójcik",
    "Kaminski": "Kamiński", "Wisniewski": "Wiśniewski", "Zielinski": "Zieliński", "Szymanski": "Szymański",
    "Wozniak": "Woźniak", "Dabrowski": "Dąbrowski", "Kozlowski": "Kozłowski", "Wrobel": "Wróbel",
    "Stepien": "Stępień", "Horvath": "Horváth", "Ionut": "Ionuț", "Jose": "José", "Luis": "Luís",
    "Joao": "João", "Ines": "Inês", "Fernandez": "Fernández", "Lopez": "López", "Perez": "Pérez",
    "Gonzalez": "González", "Andre": "André", "Nguyen": "Nguyễn", "Tran": "Trần", "Yilmaz": "Yılmaz",  # noqa: RUF001
    "Mohammed": "محمد", "Ahmed": "أحمد", "Ali": "علي", "Fatima": "فاطمة", "Khan": "خان", "Hussain": "حسین",
    "Dmitri": "Дмитрий", "Sergei": "Сергей", "Svetlana": "Светлана", "Olga": "Ольга", "Irina": "Ирина",
    "Ivanov": "Иванов", "Petrov": "Петров", "Wang": "王", "Li": "李", "Zhang": "张", "Chen": "陈",
    "Liu": "刘", "Mei": "美", "Wei": "伟", "Ming": "明", "Kaur": "ਕੌਰ", "Singh": "ਸਿੰਘ", "Patel": "પટેલ",
}  # fmt: skip
UNNAMED = ("UNKNOWN", "Unknown", "NOT KNOWN", "Not Given", "XXXX")
NEWBORN = ("BABY", "Baby", "BABY BOY", "BABY GIRL", "Infant")
_OWN_SHARE = 0.2
"""Of names spelt otherwise, those in their own letters or script where they have one."""


def spelt_otherwise(word: str, rng: np.random.Generator) -> str:
    """The name in another romanisation or its own letters, where it is known to have either."""
    own, forms = OWN.get(word), LATIN.get(word)
    if own and (not forms or rng.random() < _OWN_SHARE):
        return own
    if not forms:
        return word
    found = forms.split()
    return found[int(rng.integers(0, len(found)))]
