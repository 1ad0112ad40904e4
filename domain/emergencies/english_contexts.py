"""English contexts and words of haste.

The tables mean what those of domain/emergencies/chinese_contexts.py mean.
"""

from __future__ import annotations

HARMLESS = """
    isnt/not/wasnt/arent/werent/never/nobody is/no one is + missing/hurt/drowning/violent/dangerous/on fire/bleeding/dead/lost/kidnapped/trapped/injured/in danger/stolen/a fire/an emergency
    lost my/lost his/lost her/lost our/losing my + earbuds/earphones/headphones/airpods/wallet/phone/keys/bag/hat/ticket/receipt/glasses/umbrella/gloves/scarf/voice/mind/appetite/homework/card/charger/jacket/shoe/ball
    fight over/fighting over/fights over/rob us with/kill for/to kill for/kidding/get lost/told him to get lost
    my wallet/wallet/my key/keys/my phone/our package/package/parcel/my bike/receipt/my card + is missing/is lost/went missing/are missing/is gone
    fire extinguisher*/fire drill*/fire station/fire hydrant*/fire safety/fire exit*/fire escape*/fire door*/fire lane/fire alarm test/fire alarm*/fire insurance/fire inspection/fire hazard*/fireworks/firewood/fireplace/fire pit/campfire/bonfire/camp fire/fired from/you are fired/got fired/was fired/fire sale/fire code/firewall
    smoke detector*/smoke alarm*/smoking area/no smoking/smoke break/smoked fish/smoked meat/cigarette smoke/barbecue smoke
    gas station*/gas price*/gas bill*/gas stove*/gas company/gas meter/gas mileage/gas money/price of gas/gas cylinder delivery/gas card/gas pedal
    killing time/kill time/killer deal*/killing me/killing it/kill the mood/dressed to kill/killer whale/dying to/die laughing/died laughing/dying of laughter/to die for/drop dead gorgeous/dead battery/dead end/dead tired/scared to death/bored to death/starving/freezing to death/worked to death/love to death/sick to death
    heart of/heartburn/broken heart/broke my heart/broke her heart/heart broken/heart surgery last/by heart/heat wave/stroke of luck/back stroke/breaststroke/butterfly stroke
    drowning in work/drowning in paperwork/drowning in homework/drowning in debt/drowning in emails/flooded with calls/flooded with messages/flood of messages/flood of complaints/flood insurance/flood lights/floodlight*/flood season
    shooting star*/shooting a movie/shooting a film/film shooting/movie shooting/photo shoot/shot of vodka/flu shot*/rabies shot*/give it a shot/screenshot*/snapshot*/shots for/tetanus shot*/booster shot*/take a shot/tight shot
    crash course*/computer crash*/app crash*/phone crash*/system crash*/website crash*/crashed my computer/crash diet/server crash*/crash helmet
    beat the price/beat the heat/beats me how/heart beat/beat the rush/off the beaten/beat them in/beat us in/beat our team/drum beat
    hit song/hit show/big hit/hit the road/hit the gym/hit the jackpot/hit the shops/hit the target/hit my parked/hit my fence/hit my wall/hit my gate/hits the spot/hit me up/hit the books/hit the hay
    bomb bath/photobomb*/bath bomb*/bombastic/the bomb party
    choked up/breathtaking/out of breath from laughing/dead line*/deadline*
    stabbed in the back/knife sharpen*/knife set/butter knife/kitchen knife for sale/pocket knife for sale/knives
    missing street/missing person poster*/missing manhole/missing page/missing link/missing parcel/missing package/missing documents/missing tooth/missing button/missing sign/missing cover
    jump rope*/jumping rope/jump start/jump the queue/bungee jump*/jumped the queue/jumper cable*/jump to conclusions
    blood pressure/blood donation*/blood test*/blood type/blood bank/donate blood/blood drive/blood sugar test
    fight over/fight for our rights/fighting for/fight fires/play fight*/food fight/snowball fight/pillow fight/fight the/fight about/fights about/fighting about/fighting spirit/crime fighting
    safe account book/bank transfer fee*/bank holiday*/bank hours/bank manager/river bank*/food bank/power bank*/piggy bank
    help desk/help line/helpline/help page/help menu/help center/help wanted
    police station hours/police check certificate/police clearance/police academy/police open day/police officer exam
    well done/as well/well known/very well/well water/wishing well/well being/oh well/well said/well it/get well
    stop bleeding hearts/bleeding edge/pain in the neck/no pain no gain/pain in the/painkiller*
    explosive growth/explosion of/blow up balloons/blew up on social/balloon*/blow up doll/blow up mattress/blowing up my phone/phone is blowing up/blew up my phone
    lost purse/lost wallet/lost phone/lost dog/lost cat/lost key*/lost bag/lost phones/water pipe*/drowning in forms/killed me so/killed me with laughter/pipe burst
    lost my temper/lost weight/lost property/lost and found/lost my job/lost my wallet/lost my phone/lost my keys/lost my id/lost my card/lost my bike/lost my dog/lost my cat/lost interest/lost count/lost luggage/lost the game/lost the match/lost my password/lost my ticket/lost my passport/get lost
    can i/could i/may i + die/lost
"""
NOW = """
    help/please/hurry/quick*/now/urgent*/emergency/asap/fast/right now/just/what do i do/what should i do/what do we do/dont know what/oh my god/omg/still/keeps/wont stop/right away/immediately/come/send/someone/somebody/cant/im scared/so scared/afraid/getting worse/theres/there is/trapped/bleeding/hiding/screaming/everywhere/badly/inside/suddenly
"""
CONTEXTS: tuple[tuple[str, int, str, tuple[str, ...], str], ...] = (
    (
        "drill",
        3,
        "message",
        (),
        """
        drill/training session/trainings/training on/training for/first aid training/in training/lecture/training session/trainings/training on/training for/first aid training/in training course/aid course/course on/workshop/poster*/seminar/safety exercise/emergency exercise/rescue exercise/simulation/rehearsal/test of the/practice session/fire practice/leaflet*/campaign/brochure/class on/class about/course on/lesson on/lessons/certificate/awareness/talk about/learn how/learn about/learning/teach us/teach me/teach the/teaches/teaching/quiz/exam/vocabulary/for beginners/sign up/presentation
    """,
    ),
    (
        "story",
        3,
        "message",
        (),
        """
        movie/film/novel/video game*/in the game/in a game/the game is/a game/this game/on tv/tv show/tv tv series/tv series/episode/dream*/homework/essay/a song/the song/this song/lyrics/a story/the story/bedtime story/a book/the book/this book/play about/comic/cartoon/documentary/netflix/read about/saw on the news/on the news/in the news/news says/watched/rumor*/rumour*/podcast/joke/just kidding/kidding/prank/lol/actor/theater/theatre/halloween/chapter/character/soap opera/show last night/next level/cosplay/rehears*
    """,
    ),
    (
        "past",
        3,
        "onward",
        (),
        """
        last year/last month/last week/years ago/months ago/weeks ago/days ago/last summer/last winter/last spring/last autumn/last fall/when i was/used to/back then/in the past/previously/in march/in april/in may/in june/in july/in august/in january/in february/in september/in october/in november/in december/that time/a while back/a while ago/once when/when we were/long ago/the other day/last time/two years/three years/decades/every year/in 19*/in 20*/last sunday/last monday/last tuesday/last wednesday/last thursday/last friday/last saturday/ten years/anniversary
    """,
    ),
    (
        "recent",
        2,
        "onward",
        ("missing", "suicide", "money"),
        """
        yesterday/last night/earlier today
    """,
    ),
    (
        "settled",
        3,
        "message",
        (),
        """
        is out now/fire is out/put out/it is over/its over/all good/false alarm/no need to come/dont come/nobody hurt/nobody was hurt/no one hurt/no one was hurt/nobody was injured/no one was injured/no injuries/nobody got hurt/no one got hurt/wasnt hurt/not hurt/unhurt/is fine/are fine/was fine/is ok now/is okay now/are okay/is safe now/are safe/found him/found her/we found/returned/was found/were found/been found/came back/back home/is back/are back/resolved/recovered/recovering/discharged/out of hospital/thank you for/thanks for/thanks to/thank the/by mistake/my mistake/wrong number/never mind/nevermind/misunderstanding/i hung up/hung up on/did not pay/didnt pay/didnt send/did not send/ignored/blocked it/blocked the number/blocked him/didnt click/did not click/deleted/no harm/just steam/turned out/no damage/only a scratch/just a scratch/nothing serious/no one inside/nobody inside/empty building/empty house/already fixed/already safe/settled/turned up/didnt fall for/did not fall for/home safe/safe and sound
    """,
    ),
    (
        "procedure",
        3,
        "message",
        (),
        """
        how do i/how to/how can i/where can i/where do i/where to/when is/when does/when do/what time/which office/how much/what is the fee/fee/price/cost/insurance/compensation/paperwork/papers/document*/a form/the form/this form/apply/application/register/certificate/permit/refund policy/accident report/police report/report from/appointment/opening check up/checkup/inspect*/repair*/fix/fixed/fixing/replace*/install*/maintenance/refill*/claim/subsid*/receipt/license/licence/renew*/booking/reserve/for sale/sell/buy/cheap*/discount/recommend*/who do i/who can i/who is responsible/do you know if/could we have/can we have/can we get/disability card/pension
    """,
    ),
    (
        "asking",
        2,
        "message",
        ("suicide",),
        """
        is it true/is this a scam/is that a scam/is it a scam/is it legal/is it illegal/is it allowed/are we allowed/can i ask/a question/i wonder/wondering/curious/what does/what is/why/asking for a friend/should i/is it normal/is it safe/what number/which number/does anyone know/could you tell/heard that/i heard that/i heard about/people say/apparently/they say there/would like to know/want to know/is it ok
    """,
    ),
    (
        "proposal",
        3,
        "message",
        ("suicide",),
        """
        suggest*/proposal/propose/complain*/complaint/please put/put up/please fix/should be/could you put/we need a/need a sign/need more/petition/notice/reminder/remind/please remember/attention everyone/neighborhood watch/night patrol/mediat*/counsel*/lawyer/court/sue/divorce/custody/alimony/wages/salary/noisy/parked/garbage/trash/smells bad/stinks/smelly/rubbish/litter/pothole*/street light*/streetlight*/railing/warning sign/speed bump*/camera footage/cctv/volunteer/pay for the/pay for my/owes/dispute/argu*/fence line/boundary/permission
    """,
    ),
    (
        "plan",
        3,
        "message",
        ("suicide", "violence", "money"),
        """
        tomorrow/next week/next month/next year/going to buy/want to buy/thinking of/planning/would like/id like/looking forward/when you have time/sometime/please check/please tell people/can someone check/come and look/have a look/take a look
        """,
    ),
    (
        "habit",
        2,
        "message",
        ("suicide", "violence"),
        """
        always/often/every day/every night/every evening/every week/every time/sometimes/usually/keeps parking/used to/all the time/every morning
        """,
    ),
    (
        "laughter",
        3,
        "message",
        ("suicide",),
        """
        haha*/lol/lmao/laugh*/boring/funny/so good/speech/show was/in forms/in work/joking
        """,
    ),
    (
        "simile",
        3,
        "message",
        ("suicide",),
        """
        i could die/felt like/feels like a/sounds like a/looks like a movie/as if/so boring/so bad i
        """,
    ),
    (
        "feared",
        3,
        "after",
        ("suicide", "missing"),
        """
        if/in case/could/might/may/would/afraid of/worried about/worry about/so that nobody/before someone/before somebody/until someone/prevent/avoid/risk of/danger of/careful/watch out/beware/dont let/someday/one day/sooner or later/will get/can get/almost/nearly/about how/what if/supposed/never/make sure
    """,
    ),
    (
        "denied",
        3,
        "behind",
        (),
        """
        no/not/isnt/wasnt/arent/werent/didnt/doesnt/never/without/nobody/no one/nothing
    """,
    ),
    (
        "object",
        3,
        "overlap",
        (),
        """
        phone/wallet/keys/key/dog/cat/puppy/kitten/chicken*/hen/cow/pig/goat/sheep/duck*/bird*/parrot/parcel/package/id card/bag/umbrella/hat/ball/drone/kite/laptop/passport/glasses/ring/watch/bike/bicycle/fish/plants/flowers/vegetables/crops/rat/rats/mouse/mice/mosquito*/bug/bugs/ants/weeds … missing/lost/fell/stolen/died/killed/dead/electrocuted/drowned/poisoned/ran away/run over/hit by/gone/disappeared/swept/floating/hit/cut down/broke*
        lost/missing/found/stole/stolen/killed/poisoned/ran over/hit/lose/kill/drown*/cut down … my phone/wallet/keys/dog/cat/puppy/kitten/chicken*/parcel/package/id card/umbrella/hat/laptop/passport/bike/bicycle/bag/ring/fish/parked car/my car/my fence/my gate/my wall/mailbox/rats/mice/mosquito*/weeds/bugs/ants
    """,
    ),
    (
        "everyday",
        3,
        "message",
        (),
        """
        canteen/parade/picnic/ticket*/market stall/hot today/printer/wifi/internet/website/password reset/homework/beautiful/delicious/discount/sale/laundry/recipe/cooking/traffic jam/bus bus to/pregnancy class/mosquito*/cute/funny/hilarious
    """,
    ),
)
