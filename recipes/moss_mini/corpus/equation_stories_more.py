"""More word problems with two unknowns, in the notation of `equation_stories.py`: coins, stamps, legs, rooms, prices, ages."""

MORE_STORIES = """
@ 6 | small_coins | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. [I have|{n} has|There are|A jar holds|In my pocket there are] {s} coins, [only|all|all of them|just] {p} and {q}, [worth|with a total value of|making|which make] [{t} cents|${v}|${v} ({t} cents)|{t} cents (${v})|{t}¢][ in total| altogether| in all|].
. [A piggy bank has|{n} has|A purse contains|We have] {s} [coins in {p} and {q}|{p} and {q}][. Their value is|, worth|. They are worth|. The total is|. Together they make] [{t} cents|${v}|{t}¢].
. {n} saved {s} {p} and {q}, [in total|together|all in all] [{t} cents|${v}].
. [A|One] {p1} is worth {a} cents and a {q1} {b} cents. {s} [of these |]coins [make|are worth|total] {t} cents.
. {s} coins, {p} and {q}, total [${v}|{t} cents].
? How many {p} and how many {q}[ are there| do I have|]?
? How many [of each|of each coin|of each kind|{p} and {q}] [are there|do I have|does that make|are in it]?
? [Find|Work out] the number of {p} and of {q}.
? How many of each?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p}[ are there| do I have|]?
? [Find|What is] the number of {p}
> There are {x} {p}. / {x} {p}.
? How many {q}[ are there| do I have|]?
> There are {y} {q}. / {y} {q}.
zh
= {a}分硬币的枚数 | {b}分硬币的枚数
. [我有|{n}有|存钱罐里有|盒子里有|小明攒了]{a}分和{b}分[的|]硬币[共|一共|总共]{s}枚，[总值|一共是|合计|总共|价值][{t}分|{v}元（{t}分）]，
. {a}分和{b}分的硬币[共|一共]{s}个，[合计|一共|总共]{t}分，
. {s}枚硬币，[面值是{a}分和{b}分|有{a}分的也有{b}分的|只有{a}分和{b}分两种]，[共|一共]{t}分，
? [两种硬币各|各|{a}分和{b}分的各|两种各]有[多少|几]枚？
? {a}分、{b}分硬币各[几|多少][枚|个]？
> {a}分的有{x}枚，{b}分的有{y}枚。 / 分别有{x}枚和{y}枚。
? {a}分的[硬币|]有[多少|几]枚？
> 有{x}枚。

@ 6 | values | x+y={s};{a}x+{b}y={t}
en
= the number worth {a} | the number worth {b}
. [I have|{n} has|A shop sold|{n} bought|There are] {s} {what}, [some worth|some of|worth] {a} [{unit} |]and [some worth|some of|others of|some] {b}[ {unit}|]. [Together they are worth|Their total value is|In total they are worth|They are worth|The total is] {t}[ {unit}|].
. [I have|{n} has|There are|{n} bought] {s} {what} of {a} and {b} {unit}[, worth| worth|, in total|, altogether] {t} {unit}.
. {s} {what} of {a} and {b} [{unit} |][together|in total|altogether] worth {t}.
. [{n} bought|I bought|{n} uses] {a}-{one} and {b}-{one} {what}, {s} in all, for {t} {unit}.
. [A wallet|A drawer|An envelope|A box] [has|holds|contains] {s} {what}: {a}s and {b}s, [in all|together|altogether] {t} {unit}.
? How many of each[ kind| type| value| are there| does {n} have|]?
? How many {what} of {a} and how many of {b} are there?
? How many are worth {a} and how many {b}?
> There are {x} of {a} and {y} of {b}. / {x} of {a} {unit} and {y} of {b}.
? How many [{a}-{one} {what}|{what} of {a} {unit}] are there?
> There are {x}. / {x} of them.
zh
= {a}{unit}的张数 | {b}{unit}的张数
. [{n}有|我有|{n}买了|{n}买了面值|小红有]{a}{unit}和{b}{unit}的{what}[共|一共|总共]{s}{m1}，[一共|总值|总面值|共花了|合计|总共|共值]{t}{unit}，
. {a}{unit}和{b}{unit}的{what}[共|一共]{s}{m1}，[共计|共|面值共|合计]{t}{unit}，
. [有|买了|寄信用了]{s}{m1}{what}，[其中|][有{a}{unit}的|{a}{unit}的]和{b}{unit}的，[总共|一共]{t}{unit}，
. {what}有{a}{unit}和{b}{unit}两种，[一共|共]{s}{m1}，[总值|价值|共]{t}{unit}，
? [两种{what}|两种|{a}{unit}和{b}{unit}的][各|各有|分别有][多少|几]{m1}？
? 各[有|][几|多少]{m1}？
? 求[两种各|它们各]有几{m1}。
> {a}{unit}的有{x}{m1}，{b}{unit}的有{y}{m1}。 / 分别是{x}{m1}和{y}{m1}。
? {a}{unit}的有[几|多少]{m1}？
> 有{x}{m1}。

@ 5 | many_legs | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. [A workshop made|A room has|There are|A café has|{n} counts|A box holds] {s} {p} and {q}[ with| and they have|, together with|, which have] {t} legs [in total|altogether|in all|].
. {p} have {a} legs and {q} have {b}. [There are|Together there are|I see] {s} [of them|in all|in total] with {t} legs.
. Each of the {p} has {a} legs, each of the {q} {b}. [Altogether|In total] {s} of them have {t} legs.
. {s} {p} and {q}, {t} legs.
? How many {p} and how many {q}[ are there|]?
? How many of each[ are there|]?
? Find the number of {p} and {q}.
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} are there?
> There are {x} {p}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. [有|屋里有|一共有|数了数，]{p}和{q}[共|一共|总共]{s}{m1}，[腿共|共有|一共有|总共有]{t}条腿，
. {p}[每{m1}|]有{a}条腿，{q}[每{m1}|]有{b}条腿，[它们|两种][共|一共]{s}{m1}，[共|共有|一共]{t}条腿，
. {p}{q}[共|一共]{s}{m1}，{t}条腿，
. {p}（{a}条腿）和{q}（{b}条腿）共{s}{m1}，总共{t}条腿，
? {p}和{q}各[有多少|有几|几|多少]{m1}？
? [各有多少|各几|分别有几]{m1}？
> {p}有{x}{m1}，{q}有{y}{m1}。 / {p}{x}{m1}，{q}{y}{m1}。
? {q}有[多少|几]{m1}？
> {q}有{y}{m1}。

@ 6 | seats | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. {t} {who} [fill|fit into|are put into|use|take] {s} {p} and {q}[ exactly| completely|]. [Each of the {p} holds|The {p} hold|One of the {p} holds] {a}, [each of the {q}|the {q}|one of the {q}] {b}.
. [The {p} hold|The {p} take] {a} [{who} |]each and the {q} {b}. {t} {who} [fill|use|need] {s} of them[ exactly|].
. [There are|A company has|We have] {s} {p} and {q} [for|with room for|holding] {t} {who}: {a} in each of the {p}, {b} in each of the {q}.
? How many {p} and how many {q}[ are there| were used|]?
? How many of each[ are there| were used|]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} [are there|were used|were there]?
> There are {x} {p}.
zh
= {p}的数量 | {q}的数量
. {t}{who}[刚好|正好|恰好|][租了|用了|{do}满了|{do}满|{do}了|分别用]{s}{m1}{p}和{q}，[每{m1}|]{p}[{do}|可{do}|能{do}|可以{do}]{a}{who}，[每{m1}|]{q}[{do}|可{do}|能{do}|可以{do}]{b}{who}，
. [每{m1}|]{p}{a}{who}，[每{m1}|]{q}{b}{who}，{t}{who}[一共|共|刚好]用了{s}{m1}，
. {p}和{q}共{s}{m1}，{p}[能{do}|可{do}|每{m1}{do}]{a}{who}，{q}[能{do}|可{do}|每{m1}{do}]{b}{who}，[正好|一共|总共]{do}[了|]{t}{who}，
? {p}和{q}各[有多少|有几|几|多少|用了几]{m1}？
? [各有多少|各几|分别有几|各租了几]{m1}？
> {p}有{x}{m1}，{q}有{y}{m1}。 / {p}{x}{m1}，{q}{y}{m1}。
? {p}有[多少|几]{m1}？
> {p}有{x}{m1}。

@ 6 | weights | x+y={s};{a}x+{b}y={t}
en
= how much of {p} | how much of {q}
. [{n} bought|I bought|A shop sold|We bought|A grocer sold] {s} [kg|kilos|pounds] of {p} and {q} for ${t}. {p} cost ${a} [a|per] [kg|kilo|pound] and {q} ${b}.
. {p} cost {a} and {q} {b} [dollars|euros|] [a kilo|per kg|per pound]. {s} [kg|pounds] [of both|together|in all] cost {t}.
. A [mix|blend|mixture] of {p} at ${a} and {q} at ${b} a [kilo|pound] weighs {s} and costs ${t} in all.
? How much of each [did {n} buy|was bought|was sold|is there|]?
? How many [kilos|kg|pounds] of {p} and [of {q}|how many of {q}]?
? How much {p} and how much {q}?
> {x} of {p} and {y} of {q}. / There are {x} of {p} and {y} of {q}.
zh
= {p}的数量 | {q}的数量
. [{n}|妈妈|我|小卖部]买了{p}和{q}[共|一共]{s}[千克|斤|公斤]，[花了|共花|一共花了|付了]{t}元，{p}[每千克|每斤|每公斤|一斤]{a}元，{q}[每千克|每斤|每公斤|一斤]{b}元，
. {p}[每千克|每斤|一斤]{a}元，{q}[每千克|每斤|一斤]{b}元，[一共|共]买[了|]{s}[千克|斤]，[用了|共花|花了]{t}元，
? {p}和{q}各[买了|][多少|几][千克|斤]？
? [各买了多少|各多少|分别买了多少]？
> {p}{x}，{q}{y}。 / {p}是{x}，{q}是{y}。

@ 6 | pieces | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. {p} cost {a} [dollars|euros|] [each|a piece|] and {q} {b}[ each|]. [{n} buys|I bought|{n} bought|A teacher bought] {s} [items|things|of them|in all|pieces] for {t}[ dollars|].
. [{n} bought|I bought|The school bought] {s} {p} and {q} for [${t}|{t} dollars|a total of {t}]. [A {p1}|Each {p1}|One {p1}] [costs|is|was] ${a} and [a {q1}|each {q1}|one {q1}] ${b}.
. {s} {p} and {q} cost {t} [together|in all|]. A {p1} is {a}, a {q1} is {b}.
? How many {p} and how many {q}[ were there| did {n} buy|]?
? How many of each [did {n} buy|were bought|]?
> {x} {p} and {y} {q}. / There were {x} {p} and {y} {q}.
? How many {p} were there?
> There were {x} {p}. / {x} {p}.
zh
= {p}的数量 | {q}的数量
. {p}每{pc}{a}元，{q}每{qc}{b}元，[{n}|小明|老师|]买了[两种共|两样共|]{s}[件|个]，[花了|一共花了|共用去|共花]{t}元，
. [{n}|老师|学校]买{p}和{q}共{s}[件|个]，[共|一共]用[了|]{t}元，{p}[单价|一{pc}|每{pc}]{a}元，{q}[单价|一{qc}|每{qc}]{b}元，
. 一{pc}{p}{a}元，一{qc}{q}{b}元，{t}元[正好|刚好|一共]买了{s}[件|个]，
? {p}和{q}各[买了|][多少|几]？
? [{p}和{q}|两种]各买了[多少|几][个|件]？
? 各买了多少？
> {p}{x}，{q}{y}。 / 买了{x}{pc}{p}和{y}{qc}{q}。 / {p}买了{x}{pc}，{q}买了{y}{qc}。
? 买了[多少|几]{pc}{p}？
> {x}{pc}。

@ 4 | tickets | x+y={s};{a}x+{b}y={t}
en
= the number of {p} | the number of {q}
. [At a concert|At a play|At a fair|At the pool|For a show|For a match], {s} {p} and {q} [paid|pay] [{t}|${t}|a total of ${t}]. [{p} pay|Each {p1} ticket costs|It is] [${a}|{a}] [for {p} |]and [{q} pay|each {q1} ticket|for {q}] [${b}|{b}].
. [Entry|Admission|Entrance] is {a} for {p} and {b} for {q}. {s} [people|visitors] [came|paid|went in], [and the total was|paying|and they paid] {t}.
. {s} tickets, {t} [dollars|in all|euros]; {p} {a}, {q} {b}.
? How many {p} and how many {q} [were there|came|are there]?
? How many [were {p} and how many were {q}|of each came|of each]?
? Find the number of {p} and of {q}.
> There were {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {q} [were there|came]?
> There were {y} {q}. / {y} {q}.
zh
= {p}的人数 | {q}的人数
. [公园|动物园|电影院|游乐园|博物馆|剧院][门票|的门票|]{p}[票|][每张|]{a}元，{q}[票|][每张|]{b}元，[{s}人共|一共{s}人，|卖出{s}张票，共收入|{s}个人买票共]花了{t}元，
. {p}票{a}元，{q}票{b}元，[一共|共]卖[出|了]{s}张，[收入|共收|得款]{t}元，
? {p}和{q}各[有多少|有几|多少|几]人？
? {p}票和{q}票各[卖了|][多少|几]张？
? 各有多少？
> {p}{x}，{q}{y}。 / {p}有{x}，{q}有{y}。
? {q}有[多少|几]人？
> {q}有{y}人。

@ 4 | two_digits | x+y={s};x-y={d}
en
= the tens digit | the ones digit
* [The digits of a two-digit number add up to|The sum of the digits of a two-digit number is|A two-digit number has digit sum] {s}. The tens digit is {d} [more|larger|greater] than the [ones|units] digit. [What is the number|Find the number|Which number is it].
* [In a two-digit number|In a number with two digits], the tens digit is {d} more than the ones digit, and [their sum is|the digits add up to|together they make] {s}. [What is the number|Find the number|Which number is it]?
> The number is {x}{y}. / It is {x}{y}.
zh
= 十位数字 | 个位数字
* 一个两位数，[十位数字与个位数字的和|十位与个位之和|各位数字之和|数字之和|两个数字的和]是{s}，十位[数字|]比个位[数字|]大{d}，[这个数是多少|求这个两位数|这个两位数是多少]？
* 一个两位数的十位[数字|]比个位[数字|]多{d}，[两个数字的和是|两数字之和为|数字和是]{s}，[这个数是几|求这个数|这个两位数是多少]？
> 这个数是{x}{y}。 / 是{x}{y}。

@ 4 | reversed_digits | x+y={s};10x+y=10y+x+{d}
en
= the tens digit | the ones digit
* [The digits of a two-digit number add up to|The sum of the digits of a two-digit number is] {s}. [The number is {d} more than the one with the digits reversed|Reversing the digits makes it {d} smaller|If the digits are swapped, the number gets {d} smaller]. [What is the number|Find the number|Which number is it]?
> The number is {x}{y}. / It is {x}{y}.
zh
= 十位数字 | 个位数字
* 一个两位数[的|，][十位与个位|两个数字|各位数字]之和是{s}，[把十位和个位对调后|交换两个数字后|个位十位互换后]，新数比原数小{d}，[求原数|原来的数是多少|这个两位数是多少]？
> 这个数是{x}{y}。 / 原数是{x}{y}。

@ 5 | family_difference | x={k}y;x-y={d}
en
= the age of the {p} | the age of the {q}
. [A|The] {p} is {k} times as old as the {q} and {d} years older.
. [A|The] {p} is {d} years older than the {q}, and {k} times as old[ as the {q}|].
? How old are [they|both|the two]?
? How old is each[ of them|]?
? What are their ages?
> The {p} is {x} and the {q} is {y}. / They are {x} and {y}.
? How old is the {p}?
> The {p} is {x}. / {x} years old.
? How old is the {q}?
> The {q} is {y}. / {y} years old.
zh
= {p}的年龄 | {q}的年龄
. {p}的年龄是{q}的{k}倍，[比{q}大|{p}比{q}大|两人相差]{d}岁，
. {p}比{q}大{d}岁，[今年|][{p}的年龄|年龄|{p}]是{q}的{k}倍，
? [{p}和{q}|两人|他们|今年两人]各[多少岁|几岁|多大]？
? 求两人的年龄。
> {p}{x}岁，{q}{y}岁。 / {p}今年{x}岁，{q}今年{y}岁。
? {q}[今年|][多少岁|几岁|多大]？
> {q}{y}岁。
? {p}[今年|][多少岁|几岁|多大]？
> {p}{x}岁。

@ 5 | family_sum | x={k}y;x+y={s}
en
= the age of the {p} | the age of the {q}
. [A|The] {p} is {k} times as old as the {q}. [Their ages add up to|Together they are|The sum of their ages is|Their total age is] {s}[ years|].
. [A|The] {p} and [a|the] {q} are {s} years old together. The {p} is {k} times as old[ as the {q}|].
? How old are [they|both|the two]?
? How old is each[ of them|]?
? Find their ages.
> The {p} is {x} and the {q} is {y}. / They are {x} and {y}.
? How old is the {p}?
> The {p} is {x}. / {x} years old.
? How old is the {q}?
> The {q} is {y}. / {y} years old.
zh
= {p}的年龄 | {q}的年龄
. {p}的年龄是{q}的{k}倍，[两人年龄之和是|年龄和是|两人共|两人的年龄加起来是|他们一共]{s}岁，
. {p}和{q}[今年|]一共{s}岁，{p}[的年龄|]是{q}的{k}倍，
? [{p}和{q}|两人|他们]各[多少岁|几岁|多大]？
? [{p}、{q}各几岁|求两人的年龄]？
> {p}{x}岁，{q}{y}岁。 / {p}今年{x}岁，{q}今年{y}岁。
? {p}[今年|][多少岁|几岁|多大]？
> {p}{x}岁。

@ 5 | times_more | x={k}y+{d};x+y={s}
en
= the number of {p} | the number of {q}
. [There are|A school has|A club has|A farm has] {s} {p} and {q}[ in all| in total|]. [There are|The number of {p} is] {d} more [{p} |]than {k} times [the number of {q}|the {q}|as many as {q}].
. {p} and {q} [number|are] {s} [together|in all|altogether]. The {p} are {d} more than {k} times the {q}.
? How many {p} and {q} are there?
? How many of each[ are there|]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} are there?
> There are {x} {p}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. {p}和{q}[共|一共|总共]{s}[{m1}|]，{p}比{q}的{k}倍[还|]多{d}[{m1}|]，
. [{p}的数量|{p}]比{q}的{k}倍多{d}[{m1}|]，[两者|两种|]一共{s}{m1}，
? {p}和{q}各[有多少|多少|有几|是多少]{m1}？
? 各有[几|多少]{m1}？
> {p}有{x}{m1}，{q}有{y}{m1}。 / {p}{x}{m1}，{q}{y}{m1}。
? {q}有[多少|几]{m1}？
> {q}有{y}{m1}。

@ 4 | times_less | x={k}y-{d};x+y={s}
en
= the number of {p} | the number of {q}
. [There are|A school has|A club has|A farm has] {s} {p} and {q}[ in all| in total|]. [There are|The number of {p} is] {d} [fewer|less] [{p} |]than {k} times the number of {q}.
? How many {p} and {q} are there?
? How many of each[ are there|]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. {p}和{q}[共|一共|总共]{s}[{m1}|]，{p}比{q}的{k}倍少{d}[{m1}|]，
? {p}和{q}各[有多少|多少|有几|是多少]{m1}？
? 各有[几|多少]{m1}？
> {p}有{x}{m1}，{q}有{y}{m1}。 / {p}{x}{m1}，{q}{y}{m1}。
? {p}有[多少|几]{m1}？
> {p}有{x}{m1}。

@ 4 | two_counts_ratio | x={k}y;x+y={s}
en
= the number of {p} | the number of {q}
. [There are|A school has|A club has|A farm has] {s} {p} and {q}[ in all| in total|]. There are {k} times as many {p} as {q}.
? How many {p} and {q} are there?
? How many of each[ are there|]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. {p}和{q}[共|一共|总共]{s}[{m1}|]，{p}[的数量|]是{q}的{k}倍，
? {p}和{q}各[有多少|多少|有几|是多少]{m1}？
> {p}有{x}{m1}，{q}有{y}{m1}。 / {p}{x}{m1}，{q}{y}{m1}。
? {p}有[多少|几]{m1}？
> {p}有{x}{m1}。

@ 5 | two_counts | x+y={s};x-y={d}
en
= the number of {p} | the number of {q}
. [There are|A school has|A club has|A farm has] {s} {p} and {q}[ in all| in total|]. There are {d} more {p} than {q}.
. [There are|A farm has] {s} {p} and {q}, and {d} fewer {q} than {p}.
? How many {p} and {q} are there?
? How many of each[ are there|]?
> There are {x} {p} and {y} {q}. / {x} {p} and {y} {q}.
? How many {p} are there?
> There are {x} {p}.
? How many {q} are there?
> There are {y} {q}.
zh
= {p}的数量 | {q}的数量
. {p}和{q}[共|一共|总共]{s}[{m1}|]，{p}比{q}多{d}[{m1}|]，
. {p}比{q}多{d}{m1}，[一共|两种共|合起来]{s}{m1}，
. {p}和{q}[共|一共]{s}{m1}，{q}比{p}少{d}{m1}，
? {p}和{q}各[有多少|多少|有几|是多少]{m1}？
? 各有[几|多少]{m1}？
> {p}有{x}{m1}，{q}有{y}{m1}。 / {p}{x}{m1}，{q}{y}{m1}。
? {p}有[多少|几]{m1}？
> {p}有{x}{m1}。
? {q}有[多少|几]{m1}？
> {q}有{y}{m1}。

@ 4 | two_speeds | {h}x+{h}y={t};x-y={d}
en
= the speed of the faster one | the speed of the slower one
. Two [cars|trains|cyclists|buses] [start|are] {t} km apart and [drive|move|travel] towards each other. They meet after {h} hours. One is {d} km/h faster[ than the other|].
? [How fast are they|What are their speeds|How fast is each one]?
? Find both speeds.
> {x} and {y} km/h. / The speeds are {x} and {y} km/h.
zh
= 甲的速度 | 乙的速度
. [甲乙两地相距|两地相距|A、B两地相距]{t}千米，甲、乙[两车|两人|]同时[从两地|]相向而行，{h}小时[后|]相遇，甲[每小时|]比乙[每小时|]快{d}千米，
? [甲、乙的速度各是多少|求甲乙的速度|甲乙两车的速度各是多少|两人的速度分别是多少]？
> 甲每小时{x}千米，乙每小时{y}千米。 / 甲的速度是{x}，乙的速度是{y}。
? [乙的速度是多少|乙每小时行多少千米]？
> 乙每小时{y}千米。

@ 3 | other_speed | {h}({a}+x)={t}
en
= the other speed
* Two [cars|trains|cyclists] {t} km apart [drive|travel|go] towards each other and meet after {h} hours. One [goes|drives|does] {a} km/h. [How fast is the other|What is the speed of the other one]?
> The other goes {x} km/h. / {x} km/h.
zh
= 乙的速度
* [甲乙两地相距|两地相距]{t}千米，甲、乙[两车|两人]同时相向而行，{h}小时[后|]相遇，甲每小时[行|走]{a}千米，[乙每小时行多少千米|乙的速度是多少|求乙的速度]？
> 乙每小时行{x}千米。 / 乙的速度是{x}。

@ 4 | two_solutions | x+y={s};{a}x+{b}y={s}*{c}
en
= how much of the {a}% | how much of the {b}%
. [A chemist|{n}|A lab|A nurse] [mixes|needs to mix|combines] a {a}% and a {b}% [acid |salt |alcohol |]solution to get {s} [ml|liters|litres|L] of [a |]{c}%[ solution|].
. {s} [ml|liters|L] of a {c}% solution [is made|are made|are mixed] from a {a}% and a {b}% [solution|one].
? How much of each [is needed|do you need|is used|]?
? How many [liters|ml] of each?
> {x} of the {a}% and {y} of the {b}% solution. / {x} of {a}% and {y} of {b}%.
zh
= {a}%的数量 | {b}%的数量
. 用{a}%和{b}%的[盐水|酒精|糖水|溶液|药水][配成|配制|混合成]{c}%的[溶液|盐水|酒精|]{s}[克|毫升|千克]，
? [两种各需要多少|各要多少|各取多少|两种溶液各用多少][克|毫升|]？
> {a}%的要{x}，{b}%的要{y}。 / 分别需要{x}和{y}。
"""
