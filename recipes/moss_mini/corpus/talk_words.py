"""The topic words that fill the slots of talk_en.py and talk_zh.py: people, places, foods, films, chores …

They are a list rather than a model's output so that the corpus stays ours and can be made again on any machine. The
answers never repeat a topic word: a network of this size would garble names that it has not seen, so it only has to
recognise what kind of thing is asked. Breadth matters therefore more than any single word.
"""

from typing import NamedTuple


class Talk(NamedTuple):
    """One kind of exchange. Texts may hold choices "<a;b;c>" and slots "{name}"; talk.py fills both."""

    tag: str
    asks: tuple[str, ...]
    answers: tuple[str, ...]
    thoughts: tuple[str, ...]
    weight: float = 1.0  # against the other kinds of its group
    reply: str = ""  # the language of the answer where it is not the user's
    raw: bool = False  # the text is left as it is: no typos, greetings or punctuation added


def words(text: str) -> tuple[str, ...]:
    """Splits a block at "|" and at line ends into its entries, white space trimmed and empty ones dropped."""
    return tuple(entry.strip() for line in text.splitlines() for entry in line.split("|") if entry.strip())


EN: dict[str, tuple[str, ...]] = {
    "person": words("""
        Albert Einstein | Marie Curie | Isaac Newton | Leonardo da Vinci | Shakespeare | Mozart | Beethoven | Picasso
        Napoleon | Julius Caesar | Cleopatra | Abraham Lincoln | George Washington | Barack Obama | Nelson Mandela
        Gandhi | Queen Elizabeth | Winston Churchill | Elon Musk | Bill Gates | Steve Jobs | Jeff Bezos | Taylor Swift
        Michael Jackson | Beyonce | Lionel Messi | Cristiano Ronaldo | LeBron James | Michael Jordan | Usain Bolt
        Serena Williams | Roger Federer | Yao Ming | Jackie Chan | Bruce Lee | Confucius | Genghis Khan | Li Bai
        Charles Darwin | Stephen Hawking | Nikola Tesla | Alan Turing | Ada Lovelace | Galileo | Aristotle | Plato
        Socrates | Tom Hanks | Brad Pitt | Leonardo DiCaprio | Emma Watson | J. K. Rowling | Tolkien | Jane Austen
        Charles Dickens | Mark Twain | Ernest Hemingway | George Orwell | Frida Kahlo | Van Gogh | Rembrandt
        Christopher Columbus | Marco Polo | Neil Armstrong | Yuri Gagarin | Florence Nightingale | Martin Luther King
        Joan of Arc | Karl Marx | Freud | Gauss | Euler | Ramanujan | Mark Zuckerberg | Sam Altman | Geoffrey Hinton
        the president | the pope | the king of England | the prime minister of Japan | the mayor of London | Batman
        Harry Potter | Sherlock Holmes | Santa Claus | Spider-Man | Mickey Mouse | Zeus | Hercules | Robin Hood"""),
    "place": words("""
        France | Germany | Italy | Spain | Portugal | Greece | Turkey | Egypt | Kenya | Nigeria | South Africa
        Morocco | India | China | Japan | Korea | Thailand | Vietnam | Indonesia | Australia | New Zealand | Canada
        Mexico | Brazil | Argentina | Chile | Peru | Cuba | the United States | the UK | Ireland | Scotland | Norway
        Sweden | Finland | Denmark | Iceland | Poland | Ukraine | Russia | Switzerland | Austria | Belgium
        the Netherlands | Mongolia | Pakistan | Iran | Israel | Saudi Arabia | Singapore | Malaysia | the Philippines
        Nepal | Ghana | Ethiopia | Paris | London | Berlin | Rome | Madrid | Lisbon | Athens | Istanbul | Cairo
        Nairobi | Lagos | Cape Town | Mumbai | Delhi | Beijing | Shanghai | Hong Kong | Tokyo | Kyoto | Seoul | Bangkok
        Hanoi | Sydney | Melbourne | Toronto | Vancouver | New York | Los Angeles | Chicago | San Francisco | Boston
        Miami | Seattle | Texas | California | Hawaii | Alaska | Moscow | Vienna | Prague | Warsaw | Dublin | Oslo
        Stockholm | Dubai | Antarctica | Africa | Europe | Siberia | Mars | the moon | the Sahara | the Amazon
        Mount Fuji | Venice"""),
    "animal": words("""
        cat | dog | elephant | lion | tiger | giraffe | panda | penguin | whale | dolphin | shark | octopus | snake
        crocodile | turtle | frog | eagle | owl | parrot | chicken | duck | cow | horse | sheep | pig | goat | rabbit
        mouse | hamster | squirrel | bear | wolf | fox | kangaroo | koala | monkey | gorilla | camel | zebra | hippo
        rhino | bee | butterfly | ant | spider | mosquito | dinosaur | bat | hedgehog | polar bear | cheetah | goldfish
        jellyfish | snail | pigeon | flamingo | ostrich | beaver | otter | sloth | unicorn | dragon"""),
    "food": words("""
        pizza | pasta | lasagna | fried rice | noodles | dumplings | sushi | ramen | curry | tacos | a burger | soup
        bread | pancakes | an omelette | boiled eggs | a cheesecake | chocolate cake | cookies | ice cream | yogurt
        cheese | butter | honey | chocolate | coffee | green tea | beer | wine | milk | orange juice | salad | tofu
        kimchi | hot pot | Peking duck | fish and chips | steak | roast chicken | bacon | shrimp | salmon | potatoes
        tomatoes | carrots | broccoli | spinach | mushrooms | onions | garlic | apples | bananas | avocado | mango
        strawberries | peanuts | oatmeal | hummus | falafel | paella | risotto | tiramisu | a sandwich | popcorn"""),
    "idea": words("""
        photosynthesis | gravity | evolution | relativity | quantum mechanics | black holes | the big bang
        dark matter | DNA | genetics | the immune system | vaccines | antibiotics | the brain | memory | sleep | dreams
        inflation | democracy | capitalism | socialism | feminism | philosophy | existentialism | stoicism | Buddhism
        religion | climate change | global warming | the greenhouse effect | renewable energy | solar panels
        nuclear power | electricity | magnetism | thunder | lightning | rainbows | earthquakes | volcanoes | tsunamis
        tides | the wind | the water cycle | plate tectonics | fossils | atoms | electrons | chemistry | acids
        the periodic table | oxygen | gold | blockchain | bitcoin | artificial intelligence | machine learning
        neural networks | robots | the internet | wifi | GPS | 5G | computers | operating systems | databases
        cryptography | cloud computing | economics | supply and demand | the stock market | taxes | insurance
        marketing | psychology | sociology | grammar | linguistics | jazz | impressionism | architecture | yoga
        meditation | feng shui | astrology | karma | the Renaissance | the French Revolution | the Cold War
        the Roman Empire | the Silk Road | World War 2 | the Great Wall | the pyramids | the Olympics
        the United Nations | human rights | the solar system | eclipses"""),
    "work": words("""
        Titanic | Avatar | The Matrix | Inception | Star Wars | The Godfather | Frozen | The Lion King | Toy Story
        Jurassic Park | Interstellar | Parasite | Spirited Away | Breaking Bad | Game of Thrones | Friends | Squid Game
        The Simpsons | Hamlet | Romeo and Juliet | Macbeth | Pride and Prejudice | War and Peace | Don Quixote | Dune
        The Lord of the Rings | Harry Potter | The Hobbit | Moby Dick | The Great Gatsby | 1984 | Fahrenheit 451
        Blade Runner 2049 | Ocean's 11 | The Wandering Earth | Journey to the West | The Three-Body Problem | the Bible
        the Mona Lisa | Starry Night | Bohemian Rhapsody | Hotel California | Imagine | Yesterday | Swan Lake | Barbie
        Oppenheimer | Minecraft | Fortnite | Zelda | Pokemon | Super Mario | Stranger Things | Shrek | Casablanca"""),
    "sport": words("""
        football | soccer | basketball | tennis | table tennis | badminton | volleyball | baseball | cricket | rugby
        golf | swimming | cycling | boxing | judo | karate | ice hockey | skiing | chess | Formula 1 | the marathon
        gymnastics | surfing | snooker | darts | poker | the high jump | wrestling | archery"""),
    "event": words("""
        world cup | super bowl | Champions League | NBA finals | Olympics | Wimbledon | US Open | Tour de France
        European Championship | election | Nobel prize in physics | Nobel peace prize | Oscar for best picture
        Eurovision | Grammys | F1 championship | World Series | Asian Games | Ballon d'Or | chess championship"""),
    "product": words("""
        iPhone 15 | iPhone | Galaxy S24 | Pixel 8 | iPad | MacBook | laptop | gaming PC | PlayStation 5 | PS5 | Xbox
        Nintendo Switch | smart watch | headphones | camera | drone | Tesla Model 3 | Toyota Corolla | BMW
        e-bike | electric car | vacuum cleaner | washing machine | fridge | microwave | coffee machine | air fryer
        mattress | sofa | running shoes | backpack | suitcase | perfume | toothbrush | keyboard | mouse | monitor
        printer | router | RTX 4090 | graphics card | power bank | Kindle | Windows 11 | Office 365
        Netflix subscription | guitar | piano | Boeing 747 | Rolex | winter jacket | tent | barbecue | smartphone
        used car | house | bicycle"""),
    "company": words("""
        Apple | Google | Microsoft | Amazon | Tesla | Nvidia | Meta | OpenAI | Netflix | Samsung | Sony | Toyota
        Intel | AMD | IBM | Huawei | Alibaba | Tencent | ByteDance | Xiaomi | BYD | Nike | Adidas | IKEA | McDonald's
        Disney | Starbucks | Coca-Cola | Boeing | Airbus | Walmart | Siemens | Nokia | bitcoin | gold | oil
        the S&P 500"""),
    "chore": words("""
        tie a tie | change a tire | clean a carpet | fix a leaking tap | unclog a drain | paint a wall | plant tomatoes
        water a cactus | iron a shirt | remove a coffee stain | wash a wool sweater | fold a fitted sheet
        sew a button | get rid of ants | train a puppy | give a cat a bath | learn to swim | ride a bike | drive a car
        park a car | learn the guitar | play chess | learn to draw | take better photos | write a book | write a CV
        get a job | ask for a raise | prepare for an interview | study better | pass my exam | stop procrastinating
        make friends | get over a breakup | ask someone out | lose weight | build muscle | sleep better | stop smoking
        quit coffee | meditate | start a business | start a podcast | sell my car | buy a house | rent an apartment
        open a bank account | save money | get a passport | apply for a visa | book a hotel | pack a suitcase
        travel cheaply | install Linux | install python | reset my password | back up my phone | take a screenshot
        delete my account | format a disk | connect to wifi | update my browser | make a website | edit a video
        use Photoshop | use Excel | cut my own hair | grow a beard | whiten my teeth | remove a splinter | make candles
        knit a scarf | fold a paper plane | light a fire | put up a tent | tie a bowline | hang a picture
        assemble a shelf | fix my printer | repair a phone screen | organize my closet | wrap a gift | throw a party
        plan a wedding | raise a child | change a diaper | vote"""),
    "why": words("""
        is the sky blue | is the sea salty | is grass green | is blood red | do cats purr | do dogs bark
        do birds fly south | do we dream | do we yawn | do we sleep | do leaves fall | does it rain | does ice float
        do stars twinkle | do people lie | do men have nipples | do onions make us cry | are flamingos pink
        is Pluto not a planet | did the dinosaurs die out | did Rome fall | did the Titanic sink | do we have seasons
        is the moon round | do magnets attract | do planes fly | do ships float | is English so hard | do we age
        do cats hate water | is honey sweet | is coffee bitter | do I have hiccups | is my phone so slow
        is my internet slow | is life so hard | do people cry | are there leap years | is gold expensive
        is Venus so hot | do bees die after they sting"""),
    "measure": words("""
        how tall is Mount Everest | how tall is the Eiffel Tower | how high is the Burj Khalifa | how deep is the ocean
        how far is the moon | how far away is the sun | how far is it from London to Paris | how long is the Nile
        how long is the Great Wall | how wide is the Amazon river | how big is the earth | how large is Russia
        how old is the universe | how old is the earth | how old are the pyramids | how heavy is an elephant
        how much does a blue whale weigh | how fast is a cheetah | how fast is the speed of sound | how hot is the sun
        how fast does light travel | how cold is it in Antarctica | how many countries are there
        how many people live in China | how many people live on earth | how many bones are in the human body
        how many teeth do adults have | how many planets are there | how many moons does Jupiter have
        how many stars are in the sky | how many states are in the US | how many continents are there
        how many oceans are there | how many languages exist | how many letters are in the alphabet
        how many strings does a guitar have | how many players are in a soccer team | how many keys does a piano have
        how many legs does a spider have | how many hearts does an octopus have
        how many bits does an IPv6 address have | how many seasons does Friends have
        how many wives did Henry VIII have | how many calories should I eat a day | how much water should I drink
        how much sleep do I need | how much does a house cost | how much does a Tesla cost
        how much does a teacher earn | how much is a flight to Tokyo | how long does it take to learn French
        how long does it take to fly to Sydney | how long do turtles live | how long was the Hundred Years War
        how long did World War 2 last | how many days until Christmas | how many days are left this year
        how old is the pope | how tall is Yao Ming | how tall was Napoleon | how rich is Elon Musk
        how many gold medals did China win | how many goals has Messi scored | what is the speed of light
        what is the boiling point of iron | what is the atomic number of carbon | what is the mass of the earth
        what is the distance to Mars | what is the population of the world | what is the tallest building in the world
        what is the longest river | what is the largest country | what is the smallest planet
        what is the deepest lake | what is the highest mountain in Africa | how many r's are in strawberry
        how many vowels are in banana | how many words are in the Bible"""),
    "tongue": words("""
        French | German | Spanish | Italian | Portuguese | Russian | Japanese | Korean | Arabic | Hindi | Latin | Greek
        Dutch | Swedish | Turkish | Thai | Vietnamese | Polish | Chinese | English | Hebrew | Swahili"""),
    "strange_tongue": words("""
        French | German | Spanish | Italian | Portuguese | Russian | Japanese | Korean | Arabic | Hindi | Latin | Greek
        Dutch | Swedish | Turkish | Thai | Vietnamese | Polish | Hebrew | Finnish | Klingon | Esperanto | Danish
        Urdu"""),
    "phrase": words("""
        good morning | thank you very much | where is the station | I love you | how much does it cost
        see you tomorrow | the weather is nice | happy birthday | good luck | cat | water | freedom | my name is John
        I am hungry | excuse me | one beer please | the book is on the table | happy new year | friend | never give up
        goodbye | house | I would like a coffee | can you help me | do you speak English | it is raining | cheers
        welcome home | mother"""),
    "subject": words("""
        love | the sea | autumn | spring | winter | my cat | a dragon | friendship | the moon | a lonely robot
        my mother | rain | stars | a brave mouse | a haunted house | coffee | Monday mornings | programming
        space travel | a princess | the forest | pirates | a detective | a talking dog | time travel | the future
        my school | a wizard | summer | climate change | social media | a teacher | Christmas | peace | my grandmother
        the city | a lost key | dinosaurs"""),
    "program": words("""
        sorts a list | reverses a string | reads a csv file | scrapes a website | prints hello world
        checks for a palindrome | finds the primes | counts words | sends an email | draws a triangle
        downloads a file | plays tic tac toe | merges two files | renames my photos | shows a clock | parses json
        computes fibonacci | makes a to-do list"""),
    "ailment": words("""
        a headache | a fever | a sore throat | a cough | back pain | a rash | a toothache | stomach ache | the flu
        a cold | insomnia | anxiety | diabetes | high blood pressure | a broken arm | a burn | an allergy | asthma
        depression | covid | chest pain | knee pain | a migraine | a sprained ankle | hair loss | acne | a bee sting
        hiccups"""),
    "action": words("""
        set an alarm for 7 am | set an alarm | set the alarm | set an alarm clock | wake me up | wake me up early | wake me tomorrow
        set an alarm for tomorrow morning | set a timer | start a stopwatch | set a reminder | remind me later | turn off the alarm
        turn up the volume | book me a taxi | call me back | set a timer for 10 minutes | remind me to call mom at 5 | call my mother
        send an email | text my boss | open YouTube | play some jazz | play a song | turn on the lights
        turn off the computer | order a pizza | book a flight | book a table for 4 | call a taxi | open the door
        take a photo | read my emails | post a tweet | search the web | google it | download a movie | print this page
        check my calendar | lock my phone | buy me shoes | delete this file | open a new tab | wake me up at 6:30
        add milk to my shopping list | turn up the volume | find a restaurant near me | navigate home
        find the nearest pharmacy | charge my phone | make me a coffee"""),
    "text_job": words("""
        summarize this article | summarize this text for me | proofread my essay | correct my grammar
        fix this sentence | rewrite this paragraph | shorten this text | write an essay about {idea}
        write an email to my boss | write a CV | write a cover letter | write a letter of complaint
        write a wedding speech | write a birthday card | write a product description | write a slogan
        write a tweet about {idea} | write a blog post about {idea} | write a {n} word essay about {idea}
        write {n} sentences about {place} | give me {n} titles for my book | write a report on {idea}
        write a review of {work} | write a motto for my team | draft a contract | make this sound more formal
        paraphrase this sentence | find the spelling mistakes in my text | name my cat | write an invitation
        do my homework | write my thesis | make a presentation about {idea} | write a diary entry"""),
    "word": words("""
        happy | beautiful | serendipity | ephemeral | big | run | brave | cat | orange | time | ubiquitous | clever
        sad | necessary | rhythm | knight | laugh | through | silver | mother | entrepreneur | quick | gentle"""),
    "relative": words("""
        mother | father | wife | husband | sister | brother | boss | best friend | dog
        neighbour"""),
    "name": words("""
        Anna | Tom | Li Wei | Maria | John | Sarah | Ahmed | Yuki | Peter | Emma | Carlos | Nina | Max | Wang Fang
        Olga | Sam | Ben | Lucy"""),
    "time": words("""
        today | tomorrow | tonight | this weekend | next week | right now | on Monday | this afternoon | next month
        in July"""),
    "money": words("""
        dollars | euros | pounds | yen | yuan | rupees | won | francs | USD | EUR | GBP | JPY | CNY | INR | RMB | pesos
        Canadian dollars | Australian dollars | Swiss francs | roubles | bitcoin | lira | baht"""),
}

ZH: dict[str, tuple[str, ...]] = {
    "person": words("""
        爱因斯坦|牛顿|居里夫人|达芬奇|莎士比亚|贝多芬|莫扎特|毕加索|拿破仑|凯撒|林肯|华盛顿|奥巴马|曼德拉|甘地|丘吉尔
        马斯克|比尔盖茨|乔布斯|马云|马化腾|任正非|雷军|周杰伦|刘德华|成龙|李小龙|邓丽君|王菲|姚明|梅西|C罗|科比|乔丹
        刘翔|李娜|谷爱凌|孔子|老子|孟子|庄子|秦始皇|汉武帝|唐太宗|武则天|成吉思汗|康熙|诸葛亮|曹操|关羽|岳飞|李白|杜甫
        苏轼|白居易|李清照|鲁迅|老舍|金庸|莫言|余华|钱学森|袁隆平|屠呦呦|杨振宁|图灵|达尔文|霍金|特斯拉|伽利略|高斯
        欧拉|华罗庚|陈景润|亚里士多德|柏拉图|苏格拉底|哥伦布|马可波罗|郑和|杨利伟|孙悟空|林黛玉|哈利波特|福尔摩斯|哪吒
        美国总统|英国国王|联合国秘书长|泰勒斯威夫特|梵高|张艺谋|章子怡|刘慈欣|屈原|司马迁|祖冲之|毕昇|蔡伦"""),
    "place": words("""
        法国|德国|意大利|西班牙|葡萄牙|希腊|土耳其|埃及|肯尼亚|尼日利亚|南非|摩洛哥|印度|中国|日本|韩国|泰国|越南|印尼
        澳大利亚|新西兰|加拿大|墨西哥|巴西|阿根廷|智利|秘鲁|古巴|美国|英国|爱尔兰|挪威|瑞典|芬兰|丹麦|冰岛|波兰|俄罗斯
        瑞士|奥地利|荷兰|蒙古|巴基斯坦|伊朗|沙特|新加坡|马来西亚|尼泊尔|巴黎|伦敦|柏林|罗马|马德里|雅典|开罗|东京|京都
        大阪|首尔|曼谷|悉尼|纽约|洛杉矶|旧金山|莫斯科|维也纳|迪拜|北京|上海|广州|深圳|杭州|南京|苏州|成都|重庆|武汉
        西安|长沙|天津|青岛|厦门|昆明|大理|丽江|桂林|三亚|拉萨|哈尔滨|沈阳|郑州|合肥|香港|澳门|台北|新疆|西藏|内蒙古
        四川|云南|海南|黄山|泰山|西湖|故宫|张家界|九寨沟|南极|非洲|欧洲|火星|月球|撒哈拉沙漠|亚马逊雨林"""),
    "animal": words("""
        猫|狗|大象|狮子|老虎|长颈鹿|熊猫|企鹅|鲸鱼|海豚|鲨鱼|章鱼|蛇|鳄鱼|乌龟|青蛙|老鹰|猫头鹰|鹦鹉|鸡|鸭子|奶牛|马|羊
        猪|兔子|老鼠|仓鼠|松鼠|熊|狼|狐狸|袋鼠|考拉|猴子|大猩猩|骆驼|斑马|河马|犀牛|蜜蜂|蝴蝶|蚂蚁|蜘蛛|蚊子|恐龙|蝙蝠
        刺猬|北极熊|猎豹|金鱼|水母|蜗牛|鸽子|火烈鸟|鸵鸟|水獭|树懒|金丝猴|东北虎|柯基"""),
    "food": words("""
        红烧肉|宫保鸡丁|麻婆豆腐|鱼香肉丝|番茄炒蛋|糖醋排骨|回锅肉|水煮鱼|酸菜鱼|火锅|饺子|包子|馒头|面条|炒饭|米粉
        拉面|寿司|披萨|意大利面|汉堡|牛排|沙拉|三明治|蛋糕|饼干|冰淇淋|巧克力|酸奶|奶茶|咖啡|绿茶|啤酒|红酒|牛奶|豆浆
        豆腐|北京烤鸭|小笼包|月饼|粽子|汤圆|煎饼|蛋挞|粥|鸡汤|咖喱|泡菜|土豆|西红柿|胡萝卜|西兰花|菠菜|蘑菇|大蒜|苹果
        香蕉|芒果|草莓|榴莲|西瓜|花生|燕麦|虾|螃蟹|三文鱼|可乐鸡翅|煮鸡蛋|臭豆腐"""),
    "idea": words("""
        光合作用|万有引力|进化论|相对论|量子力学|黑洞|大爆炸|暗物质|基因|免疫系统|疫苗|抗生素|大脑|记忆|睡眠|梦
        通货膨胀|民主|资本主义|市场经济|哲学|存在主义|儒家思想|佛教|道教|宗教|气候变化|全球变暖|温室效应|可再生能源
        太阳能|核能|电|磁场|打雷|闪电|彩虹|地震|火山|海啸|潮汐|季风|水循环|板块运动|化石|原子|电子|化学|元素周期表|氧气
        黄金|区块链|比特币|人工智能|机器学习|神经网络|大语言模型|机器人|互联网|卫星导航|5G|操作系统|数据库|密码学
        云计算|经济学|供求关系|股市|税收|保险|心理学|社会学|语法|爵士乐|印象派|建筑|瑜伽|冥想|风水|星座|中医|针灸|书法
        京剧|太极拳|文艺复兴|法国大革命|冷战|罗马帝国|丝绸之路|鸦片战争|辛亥革命|第二次世界大战|唐朝|宋朝|明朝|清朝
        三国|长城|兵马俑|金字塔|奥运会|联合国|太阳系|月食|二十四节气|春节|端午节|中秋节|四大发明"""),
    "work": words("""
        泰坦尼克号|阿凡达|黑客帝国|盗梦空间|星球大战|教父|冰雪奇缘|狮子王|玩具总动员|侏罗纪公园|星际穿越|千与千寻
        流浪地球|战狼2|霸王别姬|大话西游|甄嬛传|琅琊榜|权力的游戏|老友记|鱿鱼游戏|哈姆雷特|罗密欧与朱丽叶|傲慢与偏见
        战争与和平|指环王|哈利波特|红楼梦|西游记|水浒传|三国演义|聊斋志异|围城|活着|平凡的世界|三体|射雕英雄传|1984
        百年孤独|小王子|蒙娜丽莎|清明上河图|东风破|青花瓷|月亮代表我的心|王者荣耀|原神|我的世界|宝可梦|让子弹飞|哪吒2
        唐人街探案3"""),
    "sport": words("""
        足球|篮球|网球|乒乓球|羽毛球|排球|棒球|高尔夫|游泳|自行车|拳击|柔道|冰球|滑雪|象棋|围棋|马拉松|体操|冲浪|台球
        跳高|太极|电竞|F1"""),
    "event": words("""
        世界杯|欧冠|NBA总决赛|奥运会乒乓球|欧洲杯|亚洲杯|亚运会|温网|美网|环法|总统大选|诺贝尔文学奖|诺贝尔物理学奖
        奥斯卡最佳影片|金鸡奖|格莱美|F1总冠军|中超|英超|S赛|金球奖|茅盾文学奖"""),
    "product": words("""
        iPhone 15|苹果手机|华为Mate60|小米14|iPad|MacBook|笔记本电脑|游戏电脑|PS5|Switch|智能手表|耳机|相机|无人机
        特斯拉Model 3|比亚迪|宝马5系|奔驰|电动车|吸尘器|洗衣机|冰箱|微波炉|咖啡机|空气炸锅|床垫|沙发|跑鞋|书包|行李箱
        香水|电动牙刷|键盘|鼠标|显示器|打印机|路由器|RTX 4090|显卡|充电宝|电子书|Windows 11|吉他|钢琴|茅台|羽绒服|帐篷
        平板|房子|二手车"""),
    "company": words("""
        苹果|谷歌|微软|亚马逊|特斯拉|英伟达|OpenAI|三星|索尼|丰田|英特尔|IBM|华为|阿里巴巴|腾讯|字节跳动|百度|小米
        比亚迪|茅台|宁德时代|京东|拼多多|美团|耐克|宜家|麦当劳|迪士尼|星巴克|可口可乐|波音|沃尔玛|比特币|黄金|石油
        上证指数|A股"""),
    "chore": words("""
        打领带|换轮胎|洗地毯|修水龙头|通下水道|刷墙|种番茄|养多肉|熨衬衫|去咖啡渍|洗羊毛衫|叠被子|缝扣子|除蟑螂
        训练小狗|给猫洗澡|学游泳|骑自行车|开车|倒车入库|学吉他|下围棋|学画画|拍好照片|写小说|写简历|找工作|跟老板谈加薪
        准备面试|提高成绩|通过考试|克服拖延|交朋友|走出失恋|追女生|表白|减肥|练肌肉|早睡|戒烟|戒咖啡|冥想|创业|开网店
        卖二手车|买房|租房|开银行账户|存钱|办护照|申请签证|订酒店|收拾行李|穷游|装Linux|安装python|重置密码|备份手机
        截屏|注销账号|连wifi|做网站|剪视频|用Photoshop|用Excel|给自己剪头发|祛痘|织围巾|折纸飞机|生火|搭帐篷|挂画
        装书架|修打印机|换手机屏幕|整理衣柜|包礼物|办派对|筹备婚礼|带孩子|换尿布|学英语|背单词|考研|跟父母沟通|哄女朋友
        泡茶|包饺子"""),
    "why": words("""
        天空是蓝色的|海水是咸的|草是绿的|血是红的|猫会打呼噜|狗会叫|鸟会飞|人会做梦|人会打哈欠|要睡觉|树叶会落|会下雨
        冰会浮在水上|星星会眨眼|人会说谎|切洋葱会流泪|火烈鸟是粉色的|恐龙会灭绝|罗马会灭亡|泰坦尼克号会沉|有四季
        月亮是圆的|磁铁会吸铁|飞机能飞|船能浮在水上|英语这么难|人会变老|猫怕水|咖啡是苦的|会打嗝|我的手机这么卡
        网速这么慢|生活这么难|有闰年|黄金这么贵|会地震|会打雷|端午节要吃粽子|过年要放鞭炮|房价这么高"""),
    "measure": words("""
        珠穆朗玛峰有多高|埃菲尔铁塔多高|东方明珠有多高|海洋有多深|月亮离我们多远|太阳离地球多远|北京到上海有多远
        长江有多长|长城有多长|尼罗河多长|地球有多大|俄罗斯面积多大|宇宙多少岁了|地球多少岁|金字塔有多少年历史
        大象有多重|蓝鲸有多重|猎豹跑多快|声音传播有多快|太阳有多热|光速是多少|南极有多冷|世界上有多少个国家
        中国有多少人口|全世界有多少人|人有多少块骨头|成年人有多少颗牙|太阳系有几颗行星|木星有几颗卫星|天上有多少颗星星
        美国有几个州|中国有多少个省|有几大洲|世界上有多少种语言|英语有多少个字母|吉他有几根弦|足球队有几个人
        钢琴有多少个键|蜘蛛有几条腿|章鱼有几个心脏|甄嬛传一共多少集|西游记有多少回|每天该喝多少水|每天要睡几个小时
        一套房子多少钱|一辆特斯拉多少钱|老师工资多少|去东京的机票多少钱|学会法语要多久|飞到悉尼要多久|乌龟能活多少年
        抗日战争打了多少年|离春节还有几天|离高考还有多少天|今年还剩几天|姚明多高|马斯克有多少钱|中国拿了多少块金牌
        梅西进了多少球|铁的熔点是多少|碳的原子序数是多少|地球的质量是多少|到火星有多远|世界上最高的楼是哪座
        最长的河是哪条|最大的国家是哪个|最小的行星是哪颗|最深的湖是哪个|非洲最高的山是什么|红楼梦有多少字
        一个人一天要吃多少卡路里|上海有多少条地铁|中国有多少个民族|秦始皇活了多少岁|高铁最快能跑多快"""),
    "tongue": words("""
        法语|德语|西班牙语|意大利语|俄语|日语|韩语|阿拉伯语|泰语|越南语|葡萄牙语|拉丁语|英语|英文|日文|韩文|法文
        文言文"""),
    "strange_tongue": words("""
        法语|德语|西班牙语|意大利语|俄语|日语|韩语|阿拉伯语|泰语|越南语|葡萄牙语|拉丁语|粤语|上海话|四川话|东北话
        闽南语|文言文|日文|韩文"""),
    "phrase": words("""
        早上好|谢谢|车站在哪里|我爱你|多少钱|明天见|今天天气很好|生日快乐|祝你好运|猫|水|自由|我饿了|打扰一下|新年快乐
        朋友|永不放弃|再见|我想喝咖啡|你能帮我吗|干杯|妈妈|学而时习之"""),
    "subject": words("""
        爱情|大海|秋天|春天|冬天|夏天|我的猫|一条龙|友谊|月亮|孤独的机器人|妈妈|雨|星空|勇敢的老鼠|鬼屋|咖啡|周一|编程
        太空旅行|公主|森林|海盗|侦探|会说话的狗|时间旅行|未来|学校|故乡|环保|老师|春节|和平|奶奶|城市|梦想|青春
        外星人"""),
    "program": words("""
        给列表排序|反转字符串|读取csv文件|爬网页|输出hello world|判断回文|找质数|统计词频|发邮件|画三角形|下载文件
        玩井字棋|合并文件|批量改名|显示时钟|解析json|算斐波那契数列|做待办清单"""),
    "ailment": words("""
        头疼|发烧|嗓子疼|咳嗽|腰疼|起疹子|牙疼|肚子疼|流感|感冒|失眠|焦虑|糖尿病|高血压|骨折|烫伤|过敏|哮喘|抑郁|新冠
        胸闷|膝盖疼|偏头痛|脚扭了|脱发|长痘|拉肚子|胃痛|颈椎病"""),
    "action": words("""
        定一个早上7点的闹钟|叫我起床|明天叫我起床|早上叫我起床|喊我起床|七点叫我起床|设个闹钟|定个闹钟|定闹钟|设闹钟|上个闹钟|关掉闹钟|开个倒计时|提醒我|提醒我吃药|提醒我开会|晚点提醒我|叫醒我|打个电话|叫辆车|调大音量|设一个10分钟的倒计时|提醒我5点打电话|给妈妈打电话|发一封邮件|发微信给老板|打开视频|放一首歌
        放点音乐|开灯|关机|点一份外卖|订一张机票|订一张去上海的火车票|订一个4人的桌|叫一辆车|拍张照|看看我的邮件
        发条朋友圈|上网搜一下|百度一下|下载电影|打印这一页|查一下我的日程|买双鞋|删掉这个文件|6点半叫我起床
        把牛奶加到购物清单|把音量调大|找一家附近的餐厅|导航回家|找最近的药店|倒杯咖啡|充话费|查一下快递|交水电费
        抢红包"""),
    "text_job": words("""
        总结这篇文章|帮我概括一下这段话|改改我的作文|检查语法错误|改一下这个病句|改写这段话|缩写这段文字
        写一篇关于{idea}的作文|写一封给老板的邮件|写简历|写求职信|写投诉信|写婚礼致辞|写生日祝福|写产品介绍|写广告语
        写一条朋友圈|写一篇关于{idea}的文章|写一篇{n}字的作文|写{n}个关于{place}的句子|给我的书起{n}个名字
        写一份关于{idea}的报告|写{work}的读后感|写个班级口号|起草一份合同|把这句话说得正式一点|润色一下这段文字
        找找错别字|给我的猫起个名字|给孩子起名|写邀请函|做我的语文作业|写论文|写周报|写年终总结|做一个关于{idea}的PPT
        写日记|写检讨书|写请假条|写800字作文"""),
    "word": words("""
        高兴|美丽|勇敢|大|聪明|难过|画龙点睛|守株待兔|一心一意|饕餮|龘|囧|温柔|快|雨后春笋|缘分|内卷|躺平|马到成功"""),
    "relative": words("我妈妈|我爸爸|我老婆|我老公|我姐姐|我弟弟|我老板|我同桌|我的狗|我邻居|我女朋友|我男朋友"),
    "name": words("小明|小红|李伟|王芳|张三|安娜|汤姆|阿强|小李|老王|玛丽|小刘|阿梅|子涵"),
    "time": words("今天|明天|今晚|这周末|下周|现在|周一|今天下午|下个月|后天|这几天|国庆节"),
    "money": words("美元|欧元|英镑|日元|人民币|韩元|港币|卢布|加元|澳元|瑞士法郎|泰铢|新台币|卢比|比特币|美金|USD|RMB"),
}
