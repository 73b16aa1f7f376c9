"""Common names by origin, sex and birth cohort, most frequent first: commonplace, and nobody's list."""

from __future__ import annotations

COHORTS = (1940, 1960, 1980, 2000)
"""Births before 1940, then to 1959, 1979, 1999, and since 2000."""

BRITISH_FEMALE = (
    "Margaret Mary Joan Dorothy Doris Jean Joyce Barbara Kathleen Betty Sheila Eileen Irene Audrey "
    "Patricia Beryl Marjorie Edna Vera Hilda Gladys Elsie Florence Winifred Phyllis Muriel Olive Ivy "
    "Edith Lilian Marion Nora Peggy Rita Sylvia Brenda Doreen Evelyn Freda Gwendoline",
    "Margaret Susan Patricia Christine Linda Jean Ann Mary Carol Barbara Maureen Sandra Jacqueline "
    "Pauline Janet Judith Jennifer Elizabeth Kathleen Valerie Pamela Sheila Gillian Brenda Marilyn "
    "Hilary Rosemary Shirley Lesley Sylvia Jane Diane Lynne Penelope Wendy Veronica Frances Glenys "
    "Rita Yvonne",
    "Susan Julie Karen Jacqueline Deborah Tracey Jane Helen Diane Sharon Tracy Angela Sarah Alison "
    "Caroline Amanda Sandra Linda Catherine Elizabeth Carol Joanne Wendy Janet Dawn Christine Nicola "
    "Michelle Lisa Claire Andrea Maria Paula Lorraine Beverley Louise Samantha Rachel Teresa Heather",
    "Sarah Laura Gemma Emma Rebecca Claire Victoria Samantha Rachel Amy Jennifer Nicola Katie Lisa "
    "Kelly Natalie Louise Michelle Hayley Hannah Helen Charlotte Joanne Lucy Elizabeth Leanne "
    "Danielle Donna Stacey Lauren Jessica Kirsty Kimberley Stephanie Zoe Lindsay Abigail Bethany "
    "Chloe Sophie",
    "Olivia Emily Jessica Sophie Chloe Amelia Ella Grace Lily Mia Isabella Charlotte Lucy Ruby Evie "
    "Freya Hannah Poppy Daisy Megan Isla Ava Phoebe Holly Ellie Molly Millie Scarlett Imogen "
    "Florence Abigail Matilda Elsie Rosie Erin Willow Harriet Alice Eleanor Eva",
)
BRITISH_MALE = (
    "John William George James Ronald Robert Kenneth Frederick Thomas Albert Eric Edward Arthur "
    "Charles Leslie Sidney Frank Peter Dennis Ernest Harold Stanley Norman Walter Raymond Reginald "
    "Alfred Jack Donald Henry Harry Roy Gordon Cyril Douglas Joseph Bernard Leonard Herbert Percy",
    "John David Michael Peter Robert Anthony Brian Alan William James Richard Kenneth Roger Keith "
    "Colin Christopher Raymond Terence Paul Derek Geoffrey Barry Malcolm Graham Trevor Thomas Ronald "
    "Roy Stephen Philip Dennis George Patrick Gordon Edward Eric Ian Leonard Norman Clive",
    "David Paul Andrew Mark John Michael Stephen Ian Robert Richard Christopher Peter Simon Anthony "
    "Kevin Gary Steven Martin James Philip Alan Neil Nigel Timothy Colin Graham Jonathan Nicholas "
    "William Adrian Brian Stuart Keith Thomas Patrick Sean Carl Trevor Wayne Darren",
    "Christopher James David Daniel Michael Matthew Andrew Richard Paul Mark Thomas Adam Robert John "
    "Lee Benjamin Steven Jonathan Craig Stephen Simon Nicholas Peter Anthony Alexander Gary Ian Ryan "
    "Darren Barry Joseph Luke Jack Joshua Samuel Ashley Liam Scott Kieran Jamie",
    "Jack Oliver Thomas Harry Joshua William Daniel James George Charlie Samuel Joseph Alfie Jacob "
    "Ethan Noah Oscar Leo Archie Henry Freddie Alexander Logan Max Isaac Arthur Lucas Edward Finley "
    "Theo Adam Ryan Luke Benjamin Callum Toby Reuben Jude Harrison Louis",
)
FORENAMES = {
    "south asian": (
        "Fatima Aisha Priya Nasreen Shabana Zainab Maryam Sunita Anita Khadija Ayesha Farzana Rukhsana "
        "Meena Neha Pooja Saima Samina Amina Hafsa Kiran Jaspreet Harpreet Manjit Simran Nisha Rani "
        "Shazia Tahira Uzma",
        "Mohammed Muhammad Ali Ahmed Imran Rajesh Sanjay Amit Hassan Usman Bilal Omar Tariq Ravi Arjun "
        "Vikram Sunil Anil Harjit Gurpreet Manpreet Balvinder Kamran Nadeem Shahid Zahid Yusuf Ibrahim "
        "Hamza Suresh",
    ),
    "african or caribbean": (
        "Grace Blessing Abena Ama Chioma Ngozi Folake Yetunde Adaeze Efua Esther Ruth Joy Mercy Patience "
        "Sharon Marcia Beverley Keisha Monique Simone Naomi Precious Zainab Amara Ifeoma Akua Funmilayo "
        "Temitope Comfort",
        "Emmanuel Samuel Daniel Kwame Kofi Chukwu Olusegun Tunde Emeka Femi Winston Leroy Delroy Curtis "
        "Marlon Jermaine Errol Clive Isaac Joshua Abdul Ibrahim Chidi Babatunde Adewale Kojo Yaw Michael "
        "David Andre",
    ),
    "eastern european": (
        "Anna Maria Katarzyna Agnieszka Malgorzata Joanna Magdalena Monika Ewa Natalia Aleksandra Elena "
        "Ioana Andreea Cristina Olga Svetlana Irina Zuzanna Zofia Julia Wiktoria Oliwia Hanna Karolina "
        "Beata Renata Daria Milena Kristina",
        "Piotr Krzysztof Andrzej Tomasz Pawel Marcin Michal Jan Adam Grzegorz Lukasz Jakub Mateusz "
        "Wojciech Andrei Alexandru Mihai Ionut Stefan Dmitri Sergei Viktor Kacper Filip Szymon Marek "
        "Dariusz Robert Daniel Antoni",
    ),
    "other": (
        "Mei Li Ying Xin Yan Hui Ling Jing Fang Wei Layla Yasmin Noor Leila Huda Sofia Carmen Ana Lucia "
        "Camila Yuki Sakura Linh Thuy Shirin Parisa Marta Ines Beatriz Chiara",
        "Wei Jun Ming Hao Chen Jian Lei Feng Tao Yong Ahmad Khalid Mustafa Karim Mahmoud Carlos Miguel "
        "Jose Luis Diego Hiroshi Kenji Minh Duc Reza Mehdi Joao Marco Luca Andre",
    ),
}
SURNAMES = {
    "british": (
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker "
        "White Roberts Green Hall Wood Jackson Clarke Harris Clark Turner Hill Cooper Thomas Ward Morris "
        "Moore Lewis Harrison Baker Martin King Lee Watson Edwards Allen Parker James Morgan Scott "
        "Phillips Cook Price Griffiths Shaw Mitchell Anderson Carter Bennett Young Davis Richardson "
        "Bailey Cox Collins Bell Adams Marshall Richards Murphy Kelly Miller Simpson Chapman Ellis Webb "
        "Stevens Mills Palmer Hunt Mason Knight Powell Rogers Gibson Fisher Barnes Holmes Lloyd Matthews "
        "Butler Russell Barker Dixon Fletcher Hughes Pearson Graham Jenkins Howard Andrews Reynolds "
        "Elliott Fox Ford Saunders Payne West Day Brooks Pearce Lawrence Bradley Atkinson Wallace Dawson "
        "Burton Hart Cole Harvey Newman Spencer Perry Lane Foster Gordon Ball Booth Hudson Stone Kennedy "
        "Murray Armstrong Grant Reid Ross Stewart Campbell Robertson Hamilton"
    ),
    "south asian": (
        "Khan Patel Singh Ahmed Hussain Ali Begum Kaur Shah Mohammed Akhtar Hussein Malik Rahman Mahmood "
        "Iqbal Chowdhury Miah Sharma Gill Kumar Bibi Mistry Desai Sandhu Dhillon Bhatti Mirza Sheikh "
        "Uddin Islam Butt Choudhury Joshi Mehta Parmar Rana Siddiqui Anwar Aziz Chauhan Dhaliwal Grewal "
        "Khatun Nawaz Parveen Qureshi Rashid Sidhu Yousaf"
    ),
    "african or caribbean": (
        "Williams Brown Campbell Johnson Mensah Okafor Adeyemi Osei Owusu Boateng Okeke Adebayo Clarke "
        "James Joseph Francis Thompson Ogunleye Eze Asante Appiah Nwosu Balogun Abdi Mohamed Hassan "
        "Bailey Gordon Grant Powell Okoro Agyeman Addo Amoah Chukwu Danso Ibrahim Kamara Lawal Mbeki "
        "Ncube Moyo Sesay Conteh Bangura"
    ),
    "eastern european": (
        "Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak "
        "Dabrowski Kozlowski Jankowski Mazur Krawczyk Popa Popescu Ionescu Ivanov Petrov Kazlauskas "
        "Novak Horvath Radu Stan Dumitru Pawlak Walczak Baran Michalski Wrobel Sikora Olszewski Stepien "
        "Malinowski Jaworski Adamczyk Dudek"
    ),
    "other": (
        "Wong Chan Li Chen Wang Zhang Liu Lam Ng Leung Cheung Nguyen Tran Garcia Silva Santos Rodrigues "
        "Ferreira Rossi Costa Fernandez Lopez Perez Gonzalez Haddad Khalil Nasser Saleh Karimi Hosseini "
        "Tanaka Kim Park Yilmaz Demir Kaya Pereira Almeida Martins Ho"
    ),
}
SURNAME_STEMS = (
    "Ack Ald Alder Arm Ash Ast Bam Barn Bart Beck Bent Berk Birk Black Blak Bol Bos Brad Bram Bran "
    "Brig Brom Buck Bur Burn Cald Carl Cast Chat Chor Clay Clif Col Cor Cot Craw Cros Dal Darn Den "
    "Dew Dray Dun Eccl Ed Ell Elm Fair Farn Fen Fern Fol Gar Gren Had Hal Ham Har Hart Hasl Hat Haw "
    "Heath Hel Hen Hes Hin Hol Hop Hors Hun Ing Kel Ken Kirk Lam Lang Lin Litt Long Lud Mal Mar Mas "
    "Mel Mid Mil Mor Nettle New Nor Oak Old Orm Pen Pick Pil Pres Rad Ram Rat Red Rip Ros Row Rush "
    "Rut Sal Sand Sax Sel Shef Ship Shut Skel Som Stan Stap Stav Stock Sut Swin Tar Thack Thorn Til "
    "Tur Under Wad Wal War Was Wat Wen West Whit Wid Win Wool"
)
SURNAME_ENDS = (
    "ton ley field ham worth ford well wood bury den more stead wick ridge by combe dale er gate "
    "hurst land man ner or ow shaw son stone ster thorpe wright"
)
FEMALE_STEMS = (
    "Al Ar Bel Cor Del El Er Fen Gal Isa Jo Kar Lar Lor Mar Mel Nor Or Ros Sel Tam Val Wyn Yas Zar"
)
FEMALE_ENDS = "a ana elle ena etta ia ice ina inda isa ise ita ora una yn"
MALE_STEMS = (
    "Al Ar Bar Bren Cor Dar Ed El Fen Gar Har Jar Kel Lan Mar Nor Or Per Ran Ros Tar Tor Val Wal Zan"
)
MALE_ENDS = "an ard as en ett ick in is mond o on or ric ton us"
NICKNAMES = {
    "Margaret": "Maggie", "Elizabeth": "Liz", "Patricia": "Pat", "Susan": "Sue", "Christine": "Chris",
    "Jacqueline": "Jackie", "Deborah": "Debbie", "Jennifer": "Jenny", "Catherine": "Kate",
    "Kathleen": "Kath", "Pamela": "Pam", "Judith": "Judy", "Valerie": "Val", "Rebecca": "Becky",
    "Victoria": "Vicky",
    "Samantha": "Sam", "Katarzyna": "Kasia", "Stephanie": "Steph", "Jessica": "Jess", "Abigail": "Abi",
    "Charlotte": "Charlie", "Eleanor": "Ellie", "Isabella": "Bella", "Amanda": "Mandy", "Barbara": "Babs",
    "Dorothy": "Dot", "William": "Bill", "Robert": "Bob", "James": "Jim", "John": "Jack", "Richard": "Dick",
    "Michael": "Mike", "Anthony": "Tony", "David": "Dave", "Christopher": "Chris", "Thomas": "Tom",
    "Stephen": "Steve", "Steven": "Steve", "Edward": "Ted", "Charles": "Charlie", "Ronald": "Ron",
    "Kenneth": "Ken", "Frederick": "Fred", "Daniel": "Dan", "Matthew": "Matt", "Andrew": "Andy",
    "Joseph": "Joe", "Benjamin": "Ben", "Samuel": "Sam", "Alexander": "Alex", "Nicholas": "Nick",
    "Jonathan": "Jon", "Timothy": "Tim", "Philip": "Phil", "Peter": "Pete", "Terence": "Terry",
    "Raymond": "Ray", "Leonard": "Len", "Gregory": "Greg", "Joshua": "Josh", "Mohammed": "Mo",
    "Muhammad": "Mohammad", "Krzysztof": "Chris", "Aleksandra": "Ola", "Malgorzata": "Gosia",
}  # fmt: skip
